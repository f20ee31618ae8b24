#include "msde/model/model_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <new>
#include <nlohmann/json.hpp>
#include <variant>

#include "msde/core/error.hpp"
#include "msde/core/files/atomic_file.hpp"
#include "msde/grid/boundary_words.hpp"
#include "msde/model/model_checks.hpp"
#include "msde/ops/orbits.hpp"
#include "msde/scales/coarse_points.hpp"
#include "msde/tensor/checks.hpp"
#include "msde/tensor/threads.hpp"

namespace msde {

void to_json(nlohmann::json& j, const Duration& duration) {
  j = duration.seconds;
}
void from_json(const nlohmann::json& j, Duration& duration) {
  j.get_to(duration.seconds);
}

namespace {

constexpr int kOldest = 1, kNewest = 2;  // schemas that are read; since 2 models have units
using nlohmann::json;

int schema_of(const ModelSpec& s) {
  return s.units.scale.empty() ? kOldest : kNewest;
}

json pairs_of(const std::vector<SeenRange>& ranges) {
  json pairs = json::array();
  for (const SeenRange& range : ranges) pairs.push_back({range.low, range.high});
  return pairs;
}

std::vector<SeenRange> ranges_of(const json& pairs, int64_t expected, const std::string& place) {
  std::vector<SeenRange> ranges;
  for (const json& pair : pairs) ranges.push_back({pair.at(0), pair.at(1)});
  const bool ordered =
      std::all_of(ranges.begin(), ranges.end(), [](const SeenRange& r) { return r.low <= r.high; });
  if (!ordered || static_cast<int64_t>(ranges.size()) != expected)
    throw ModelFormatError(place + ": got " + pairs.dump() + ", expected " + std::to_string(expected) +
                           " pairs of lowest and highest value");
  return ranges;
}

// Options by their names in the configuration, those of the model without the section: model.n_eta is "n_eta".
std::string name_of(const OptionTable::Option& option) {
  const std::string section = "model.";
  return option.key.rfind(section, 0) == 0 ? option.key.substr(section.size()) : option.key;
}

json options_to_json(ModelOptions options) {
  OptionTable table;
  describe(table, options);
  json j = json::object();
  for (const auto& option : table.options())
    std::visit([&](auto* value) { j[name_of(option)] = *value; }, option.target);
  return j;
}

// What the file does not say has its default: models are older than some options. Text, numbers and lists are
// written alike in JSON and TOML, so the table reads them, within the bounds of a configuration.
ModelOptions options_from_json(const json& j, const std::string& origin) {
  j.get_ref<const json::object_t&>();  // throws where it is something else
  ModelOptions options;
  OptionTable table;
  describe(table, options);
  try {
    for (const auto& option : table.options())
      if (j.contains(name_of(option))) table.set(option.key + "=" + j[name_of(option)].dump(), origin + ":");
  } catch (const ConfigError& error) {
    throw ModelFormatError(error.what());
  }
  if (!j.contains("position")) options.position = "off";  // of models older than it
  if (!j.contains("frame")) options.frame = "fixed";
  return options;
}

// JSON's own conversion would cut fractions and wrap what is too large.
int64_t whole_number(const json& j, const std::string& name, const std::string& origin) {
  const bool fits = j.is_number_integer() && (!j.is_number_unsigned() || j.get<uint64_t>() <= INT64_MAX);
  if (!fits)
    throw ModelFormatError(origin + ": its description has " + name + " = " + j.dump() +
                           ", expected a whole number");
  return j;
}

std::vector<int64_t> whole_numbers(const json& list, const std::string& name, const std::string& origin) {
  std::vector<int64_t> numbers;
  for (const json& item : list.get_ref<const json::array_t&>())
    numbers.push_back(whole_number(item, name, origin));
  return numbers;
}

std::vector<AxisEnds> boundary_of(const json& words, const std::string& origin) try {
  std::vector<AxisEnds> boundary;
  for (const json& word : words) boundary.push_back(parse_boundary_word(word));
  return boundary;
} catch (const DataError& error) {
  throw ModelFormatError(origin + ": " + error.what());
}

// Of a description that has been checked but for it.
std::shared_ptr<const Mask> mask_from(const json& runs, const ModelSpec& spec, const std::string& origin) {
  constexpr int64_t kMostPoints = int64_t{1} << 24;  // a basis of them for 64 unknowns is 4 GiB
  if (spec.grid.points() > kMostPoints)
    throw ModelFormatError(
        fmt::format("{}: its description has a grid.mask of {} points, expected at most {}", origin,
                    spec.grid.points(), kMostPoints));
  try {
    Grid grid = spec.grid;
    grid.mask = mask_of_runs(whole_numbers(runs, "grid.mask", origin), grid.points(), "grid.mask");
    carried_cells(grid, spec.options.n_zeta);
    if (!spec.options.prior.empty())
      throw ModelFormatError(origin + ": its description has both a grid.mask and a prior");
    if (!spec.frame_period.empty())
      throw ModelFormatError(origin + ": its description has both a grid.mask and a frame_period");
    if (!mask_is_invariant(grid))
      throw ModelFormatError(origin +
                             ": its description has a grid.mask that grid.symmetry does not leave as it is");
    return grid.mask;
  } catch (const ModelFormatError&) {
    throw;
  } catch (const Error& error) {
    throw ModelFormatError(origin + ": its description does not fit itself: " + error.what());
  }
}

// What the data do not say is left out.
json labels_to_json(const FieldLabels& labels) {
  json j = json::object();
  const auto put = [&](const char* name, const std::vector<std::string>& texts) {
    if (std::any_of(texts.begin(), texts.end(), [](const auto& text) { return !text.empty(); }))
      j[name] = texts;
  };
  put("channels", labels.channels);
  put("channel_units", labels.units.channels);
  put("axis_units", labels.units.axes);
  const TimeUnits& time = labels.units.time;
  if (!time.units.empty())
    j["time"] = {{"units", time.units}, {"calendar", time.calendar}, {"in_months", time.in_months}};
  return j;
}

FieldLabels labels_from_json(const json& j, const Grid& grid, const std::string& origin) {
  FieldLabels labels;
  const auto take = [&](const char* name, std::vector<std::string>& texts, int64_t expected) {
    if (!j.contains(name)) return;
    j[name].get_to(texts);
    if (static_cast<int64_t>(texts.size()) != expected)
      throw ModelFormatError(fmt::format("{}: its description has {} texts as labels.{}, expected {}", origin,
                                         texts.size(), name, expected));
  };
  take("channels", labels.channels, grid.channels);
  take("channel_units", labels.units.channels, grid.channels);
  take("axis_units", labels.units.axes, static_cast<int64_t>(grid.shape.size()));
  if (j.contains("time")) {
    j["time"].at("units").get_to(labels.units.time.units);
    j["time"].at("calendar").get_to(labels.units.time.calendar);
    j["time"].at("in_months").get_to(labels.units.time.in_months);
  }
  return labels;
}

const std::pair<torch::ScalarType, const char*> kTypes[] = {
    {torch::kFloat, "F32"}, {torch::kDouble, "F64"}, {torch::kLong, "I64"}};

}  // namespace

safetensors::Array to_array(const torch::Tensor& tensor) {
  auto t = tensor.detach().cpu().contiguous();
  safetensors::Array array;
  for (auto [type, name] : kTypes)
    if (t.scalar_type() == type) array.dtype = name;
  TORCH_CHECK(!array.dtype.empty(), "a tensor of this type is not stored");
  array.shape = t.sizes().vec();
  array.bytes.resize(t.nbytes());
  std::memcpy(array.bytes.data(), t.data_ptr(), t.nbytes());
  return array;
}

torch::Tensor to_tensor(const safetensors::Array& array) {
  for (auto [type, name] : kTypes)
    if (array.dtype == name) {
      auto t = torch::empty(array.shape, type);
      std::memcpy(t.data_ptr(), array.bytes.data(), array.bytes.size());
      return t;
    }
  throw ModelFormatError("tensor type " + array.dtype + " is not one of F32, F64, I64");
}

std::map<std::string, torch::Tensor> state_of(const MultiscaleModel& model) {
  std::map<std::string, torch::Tensor> state;
  for (const auto& p : model->named_parameters()) state[p.key()] = p.value();
  for (const auto& b : model->named_buffers()) state[b.key()] = b.value();
  return state;
}

void set_state(MultiscaleModel& model, const safetensors::Document& document, const std::string& prefix,
               const std::string& origin) {
  torch::NoGradGuard no_grad;
  const auto state = state_of(model);
  for (auto [name, tensor] : state) {
    const auto found = document.arrays.find(prefix + name);
    if (found == document.arrays.end())
      throw ModelFormatError(origin + ": tensor " + prefix + name + " is missing");
    if (found->second.shape != tensor.sizes().vec())
      throw ModelFormatError(origin + ": tensor " + prefix + name + " has shape " +
                             shape_text(found->second.shape) + ", expected " + shape_text(tensor.sizes()));
    const auto values = to_tensor(found->second);
    // Indices follow from the description, and kernels trust them.
    if (!tensor.is_floating_point() && !tensor.equal(values))
      throw ModelFormatError(origin + ": tensor " + prefix + name + " is not that of its description");
    tensor.copy_(values);
  }
  check_state(state, origin);
  for (const auto& [name, array] : document.arrays)
    if (name.compare(0, prefix.size(), prefix) == 0 && !state.count(name.substr(prefix.size())))
      throw ModelFormatError(origin + ": unknown tensor " + name);
}

std::string spec_to_json(const ModelSpec& s) {
  std::vector<std::string> boundary;
  for (const AxisEnds& ends : s.grid.boundary) boundary.push_back(boundary_word(ends));
  json j = {{"schema", schema_of(s)},
            {"case", s.case_name},
            {"grid",
             {{"channels", s.grid.channels},
              {"shape", s.grid.shape},
              {"length", s.grid.length},
              {"boundary", boundary},
              {"origin", s.grid.origin},
              {"spacing", s.grid.spacing},
              {"axes", s.grid.axes}}},
            {"n_reduced", s.n_reduced},
            {"n_mu", s.n_mu},
            {"n_f", s.n_f},
            {"dt", s.dt},
            {"t_begin", s.t_begin},
            {"t_end", s.t_end},
            {"noise_std", s.noise_std},
            {"options", options_to_json(s.options)}};
  if (s.n_prior > 0) j["n_prior"] = s.n_prior;
  if (s.grid.mask) j["grid"]["mask"] = s.grid.mask->runs();
  if (!s.grid.symmetry.empty()) j["grid"]["symmetry"] = s.grid.symmetry;
  if (!s.frame_period.empty()) j["frame_period"] = s.frame_period;
  if (s.n_first > 0) j["n_first"] = s.n_first;
  if (!s.prior_period.empty()) j["prior_period"] = s.prior_period;
  if (!s.units.scale.empty())
    j["units"] = {{"centre", s.units.centre},
                  {"scale", s.units.scale},
                  {"time_origin", s.units.time_origin},
                  {"time_scale", s.units.time_scale},
                  {"noise", s.channel_noise}};
  if (!s.units.constant.empty()) j["units"]["constant"] = s.units.constant;
  if (json labels = labels_to_json(s.labels); !labels.empty()) j["labels"] = std::move(labels);
  if (!s.clock.empty()) j["clock"] = s.clock;
  if (s.seen.known) j["seen"] = {{"mu", pairs_of(s.seen.mu)}, {"f", pairs_of(s.seen.f)}};
  return j.dump(2) + "\n";
}

ModelSpec spec_from_json(const std::string& text, const std::string& origin) try {
  const json j = json::parse(text);
  const auto whole = [&](const json& of, const char* name) {
    return whole_number(of.at(name), name, origin);
  };
  const int64_t schema = whole(j, "schema");
  if (schema < kOldest || schema > kNewest)
    throw ModelFormatError(
        fmt::format("{}: schema {}, this msde reads {} to {}", origin, schema, kOldest, kNewest));
  ModelSpec s;
  s.case_name = j.at("case");
  const json& g = j.at("grid");
  s.grid.channels = whole(g, "channels");
  s.grid.shape = whole_numbers(g.at("shape"), "shape", origin);
  g.at("length").get_to(s.grid.length);
  g.at("axes").get_to(s.grid.axes);
  s.grid.origin = g.value("origin", std::vector<double>{});  // absent from the first models of schema 1
  s.grid.spacing = g.value("spacing", std::vector<double>{});
  s.grid.boundary = boundary_of(g.at("boundary"), origin);
  s.n_reduced = whole(j, "n_reduced");
  if (j.contains("frame_period")) s.frame_period = whole_numbers(j["frame_period"], "frame_period", origin);
  if (j.contains("prior_period")) s.prior_period = whole_numbers(j["prior_period"], "prior_period", origin);
  if (j.contains("n_first")) s.n_first = whole(j, "n_first");
  if (j.contains("n_prior")) s.n_prior = whole(j, "n_prior");
  s.n_mu = whole(j, "n_mu");
  s.n_f = whole(j, "n_f");
  j.at("dt").get_to(s.dt);
  j.at("t_begin").get_to(s.t_begin);
  j.at("t_end").get_to(s.t_end);
  j.at("noise_std").get_to(s.noise_std);
  s.options = options_from_json(j.at("options"), origin);
  if (schema >= 2) {  // before, models worked in the units of their data
    const json& u = j.at("units");
    u.at("centre").get_to(s.units.centre);
    u.at("scale").get_to(s.units.scale);
    u.at("time_origin").get_to(s.units.time_origin);
    u.at("time_scale").get_to(s.units.time_scale);
    u.at("noise").get_to(s.channel_noise);
    if (u.contains("constant")) u["constant"].get_to(s.units.constant);
  }
  if (j.contains("labels")) s.labels = labels_from_json(j["labels"], s.grid, origin);
  if (j.contains("clock")) j["clock"].get_to(s.clock);
  if (j.contains("seen"))  // absent from models whose standardisation says it
    s.seen = {.known = true,
              .mu = ranges_of(j["seen"].at("mu"), s.n_mu, origin + ": 'seen.mu'"),
              .f = ranges_of(j["seen"].at("f"), s.n_f, origin + ": 'seen.f'")};
  if (g.contains("symmetry")) g["symmetry"].get_to(s.grid.symmetry);
  check_description(s, origin);
  if (g.contains("mask")) s.grid.mask = mask_from(g["mask"], s, origin);
  return s;
} catch (const json::exception& e) {
  const std::string what = e.what();  // "[json.exception.out_of_range.403] key 'dt' not found"
  throw ModelFormatError(
      origin + ": not a model description: " + what.substr(std::min(what.size(), what.find("] ") + 2)));
}

void save_model(const MultiscaleModel& model, const std::string& folder) {
  std::filesystem::create_directories(folder);
  safetensors::Document document;
  for (const auto& [name, tensor] : state_of(model)) document.arrays[name] = to_array(tensor);
  document.metadata["format"] = "msde " + std::to_string(schema_of(model->spec()));
  document.metadata["spec"] = spec_to_json(model->spec());
  safetensors::save(folder + "/model.safetensors", document);
  write_text_atomically(folder + "/model.json", document.metadata["spec"]);
}

MultiscaleModel load_model(const std::string& folder) {
  require_safe_threads();
  const std::string path = folder + "/model.safetensors";
  const auto document = safetensors::load(path);
  return model_from(document, "", path);
}

MultiscaleModel model_from(const safetensors::Document& document, const std::string& prefix,
                           const std::string& origin) {
  const auto spec = document.metadata.find("spec");
  if (spec == document.metadata.end())
    throw ModelFormatError(origin + ": no model description in its metadata");
  try {
    ModelSpec described = spec_from_json(spec->second, origin);
    int64_t values = 0;
    for (const auto& [name, array] : document.arrays)
      if (name.compare(0, prefix.size(), prefix) == 0)
        values += static_cast<int64_t>(array.bytes.size()) / 4;  // F32: no tensor has narrower ones
    check_size(described, values, origin);
    MultiscaleModel model(std::move(described));
    set_state(model, document, prefix, origin);
    return model;
  } catch (const c10::Error&) {  // sizes that no memory can hold
    throw ModelFormatError(origin + ": its model description does not make a model");
  } catch (const std::bad_alloc&) {
    throw ModelFormatError(origin + ": its model description does not make a model that memory can hold");
  }
}

}  // namespace msde
