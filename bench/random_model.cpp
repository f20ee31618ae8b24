#include "bench/random_model.hpp"

#include <algorithm>
#include <sstream>

#include "msde/core/error.hpp"
#include "msde/grid/boundary_words.hpp"
#include "msde/model/model_file.hpp"
#include "msde/model/test_model.hpp"
#include "msde/pde/cases.hpp"
#include "msde/tensor/hdf5_tensor.hpp"

namespace msde::bench {
namespace {

// Coordinates of the reduced preset: the span of the restriction and the modes that the truncation rule keeps
// on the data that the case generates by default.
struct ReducedSize {
  const char* case_name;
  int64_t n;
};
constexpr ReducedSize kReducedSizes[] = {{"kdv_1d", 76}, {"burgers_2d", 236}, {"shallow_water_2d", 512}};

int64_t reduced_size(const std::string& case_name) {
  for (const auto& row : kReducedSizes)
    if (case_name == row.case_name) return row.n;
  throw ConfigError("case '" + case_name +
                    "': no size of its reduced basis is known; got none, expected a row "
                    "of kReducedSizes in bench/random_model.cpp");
}

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> list;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, ',');) list.push_back(word);
  return list;
}

ModelSpec spec_of(const WorkloadOptions& o) {
  const Case& row = find_case(o.case_name);
  const auto boundary = parse_boundaries(row.boundary, row.shape.size() - 1, row.name);
  if (o.small) return boundary.size() == 1 ? small_spec(o.preset) : small_plane_spec(o.preset, boundary);
  ModelSpec spec;
  spec.case_name = row.name;
  spec.options = with_preset(settings_of(o).model);
  spec.grid = {.channels = row.shape[0],
               .shape = {row.shape.begin() + 1, row.shape.end()},
               .length = row.length,
               .boundary = boundary,
               .axes = words(row.axes),
               .origin = row.origin,
               .spacing = row.spacing};
  if (o.points > 0) {
    std::fill(spec.grid.shape.begin(), spec.grid.shape.end(), o.points);
    spec.grid.origin.clear();
    spec.grid.spacing.clear();
  }
  spec.n_reduced = o.preset == "reduced" ? reduced_size(row.name) : 0;
  spec.n_mu = spec.n_f = 1;
  spec.dt = row.t_end / static_cast<double>(row.defaults.n_steps - 1);
  spec.t_end = row.t_end;
  spec.noise_std = row.defaults.noise_std;
  return spec;
}

}  // namespace

Settings settings_of(const WorkloadOptions& o) {
  return load_settings(o.configs + "/" + o.case_name + (o.preset == "paper" ? "_paper" : "") + ".toml", {});
}

MultiscaleModel random_model(const WorkloadOptions& o) {
  auto model = small_model(spec_of(o));
  to_type(*model, o.type());
  return model;
}

void write_model(hdf5::File& file, const MultiscaleModel& model) {
  file.set_attribute("/", "spec", spec_to_json(model->spec()));
  for (const auto& p : model->named_parameters()) write_tensor(file, "parameters/" + p.key(), p.value());
  for (const auto& b : model->named_buffers()) write_tensor(file, "buffers/" + b.key(), b.value());
}

void write_like_parameters(hdf5::File& file, const std::string& group, const MultiscaleModel& model,
                           const std::vector<torch::Tensor>& values) {
  const auto names = model->named_parameters().keys();
  for (size_t i = 0; i < names.size(); ++i)
    write_tensor(file, "expected/" + group + "/" + names[i], values[i]);
}

torch::Tensor draw(uint64_t number, at::IntArrayRef shape, torch::ScalarType type) {
  return normal({1, Stream::test, number}, shape, type);
}

}  // namespace msde::bench
