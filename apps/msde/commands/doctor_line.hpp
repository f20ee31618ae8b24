// The command line of `msde doctor`: threads and detail.
#pragma once

#include "apps/msde/commands/command.hpp"
#include "apps/msde/flags/common_flags.hpp"

namespace msde {

struct DoctorLine {
  CommonFlags common;
};

Command add_doctor(CLI::App& app, const Work<DoctorLine>& work);
void work(const DoctorLine& line);  // doctor.cpp

}  // namespace msde
