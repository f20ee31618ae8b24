#include "msde/run/write_dataset.hpp"

#include "msde/core/files/atomic_file.hpp"
#include "msde/field/dataset_attributes.hpp"
#include "msde/field/formats/seed_group_writer.hpp"
#include "msde/grid/boundary_words.hpp"
#include "msde/pde/cases.hpp"
#include "msde/pde/generated_trajectories.hpp"

namespace msde {
namespace {

double offset_of(const std::string& case_name) {
  return has_case(case_name) ? find_case(case_name).pdebench_offset : 0;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(',', start), text.size());
    words.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

Grid grid_of(const Case& row, const std::string& path) {
  DatasetAttributes attributes;
  attributes.length = row.length;
  attributes.origin = row.origin, attributes.spacing = row.spacing;
  attributes.boundary = words_of(row.boundary), attributes.axes = words_of(row.axes);
  return make_grid(row.shape, attributes, path);
}

}  // namespace

void write_dataset(const Dataset& data, const std::string& format, const std::string& path,
                   const WriteReport& report) {
  if (format == "pdebench")
    write_seed_groups(data, offset_of(data.case_name()), path, report);
  else
    write_native(data, path, report);
}

void generate_pdebench(const std::string& case_name, const GenerateOptions& options, const std::string& path,
                       const WriteReport& report) {
  const Case& row = find_case(case_name);
  const Grid grid = grid_of(row, path);
  const int64_t total = options.n_train + options.n_val + options.n_test;
  write_atomically(path, [&](const std::string& temporary) {
    SeedGroupWriter writer(temporary, {grid, row.name, row.pdebench_offset});
    int64_t done = 0;
    generate_trajectories(case_name, options, [&](const GeneratedTrajectory& trajectory) {
      writer.begin(trajectory.times, trajectory.split);
      writer.append(trajectory.clean);
      report(++done, total);
    });
    writer.close();
  });
}

}  // namespace msde
