#include "msde/field/formats/chosen_channels.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "msde/core/error.hpp"
#include "msde/core/report/printable.hpp"

namespace msde {
namespace {

class ChosenChannels : public FieldSource {
 public:
  ChosenChannels(std::unique_ptr<FieldSource> source, std::vector<size_t> chosen)
      : FieldSource(source->path()), source_(std::move(source)), chosen_(std::move(chosen)) {
    facts_ = source_->facts();
    const auto pick = [&](std::vector<std::string>& names) {
      if (names.empty()) return;
      std::vector<std::string> picked;
      for (const size_t c : chosen_) picked.push_back(names.at(c));
      names = std::move(picked);
    };
    pick(facts_.channels), pick(facts_.unit_names.channels);
    facts_.grid.channels = static_cast<int64_t>(chosen_.size());
  }

  void read(size_t set, const FrameRange& frames, float* out) const override {
    read_some(set, frames, out, false);
  }
  void read(size_t set, const FrameRange& frames, double* out) const override {
    read_some(set, frames, out, false);
  }
  void read_clean(size_t set, const FrameRange& frames, float* out) const override {
    read_some(set, frames, out, true);
  }
  void read_clean(size_t set, const FrameRange& frames, double* out) const override {
    read_some(set, frames, out, true);
  }
  std::string place(size_t set, int64_t trajectory, bool clean) const override {
    return source_->place(set, trajectory, clean);
  }
  std::optional<StaticArray> on_grid(const std::string& array) const override {
    return source_->on_grid(array);
  }

 private:
  // Frame by frame: all channels of more of them may not fit into memory.
  template <class T>
  void read_some(size_t set, const FrameRange& frames, T* out, bool clean) const {
    const int64_t points = facts_.grid.points();
    std::vector<T> all(static_cast<size_t>(source_->facts().grid.size()));
    for (int64_t t = 0; t < frames.count; ++t) {
      const FrameRange frame = {frames.trajectory, frames.start + t, 1};
      clean ? source_->read_clean(set, frame, all.data()) : source_->read(set, frame, all.data());
      for (const size_t c : chosen_)
        out = std::copy_n(all.data() + static_cast<int64_t>(c) * points, points, out);
    }
  }

  std::unique_ptr<FieldSource> source_;
  std::vector<size_t> chosen_;
};

}  // namespace

std::unique_ptr<FieldSource> choose_channels(std::unique_ptr<FieldSource> source,
                                             const std::vector<std::string>& names) {
  const auto& channels = source->facts().channels;
  if (channels.empty() && source->facts().grid.channels == static_cast<int64_t>(names.size())) return source;
  std::vector<size_t> chosen;
  for (const auto& name : names) {
    const size_t before = chosen.size();
    for (size_t c = 0; c < channels.size(); ++c)
      if (channels[c] == name) chosen.push_back(c);
    for (size_t c = 0; chosen.size() == before && c < channels.size(); ++c)
      for (; c < channels.size() && channels[c].rfind(name + "_", 0) == 0; ++c) chosen.push_back(c);
    if (chosen.size() == before)
      throw DataError(fmt::format(
          "{}: has no channel '{}' (data.variables, --variables); {}", source->path(), printable(name),
          channels.empty() ? "its channels have no names"
                           : printable(fmt::format("it has {}", fmt::join(channels, ", ")))));
  }
  return std::make_unique<ChosenChannels>(std::move(source), std::move(chosen));
}

}  // namespace msde
