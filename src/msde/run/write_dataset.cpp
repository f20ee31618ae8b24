#include "msde/run/write_dataset.hpp"

#include "msde/core/files/atomic_file.hpp"
#include "msde/field/writers/seed_group_writer.hpp"
#include "msde/field/writers/write_netcdf.hpp"
#include "msde/pde/cases.hpp"
#include "msde/pde/generated_trajectories.hpp"

namespace msde {
namespace {

double offset_of(const std::string& case_name) {
  return has_case(case_name) ? find_case(case_name).pdebench_offset : 0;
}

}  // namespace

void write_dataset(const Dataset& data, const std::string& format, const std::string& path,
                   const WriteReport& report) {
  if (format == "pdebench")
    write_seed_groups(data, offset_of(data.case_name()), path, report);
  else if (format == "netcdf")
    write_netcdf(data, path, report);
  else
    write_native(data, path, report);
}

void generate_pdebench(const std::string& case_name, const GenerateOptions& options, const std::string& path,
                       const WriteReport& report) {
  const Case& row = find_case(case_name);
  const int64_t total = generation_steps(case_name, options);
  write_atomically(path, [&](const std::string& temporary) {
    SeedGroupWriter writer(temporary, {row.grid, row.name, row.pdebench_offset});
    int64_t done = 0;
    generate_trajectories(case_name, options, [&](const GeneratedTrajectory& trajectory) {
      report(done += row.stream ? trajectory.clean.size(0) : 1, total);
      if (trajectory.split == "beyond")
        return;  // a trajectory's own continuation, which the layout does not have
      if (trajectory.first == 0) writer.begin(trajectory.times, trajectory.split);
      writer.append(trajectory.clean);
    });
    writer.close();
  });
}

}  // namespace msde
