#include "msde/core/files/packing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "msde/core/error.hpp"

namespace msde {
namespace {

using Numbers = std::optional<std::vector<double>>;

double one_number(const Numbers& numbers, const char* attribute, double otherwise, const std::string& where) {
  if (!numbers) return otherwise;
  if (numbers->size() != 1 || !std::isfinite(numbers->front()))
    throw DataError(fmt::format("{}: attribute '{}': got {}, expected one finite number", where, attribute,
                                numbers->size() == 1 ? fmt::format("{}", numbers->front())
                                                     : fmt::format("{} numbers", numbers->size())));
  return numbers->front();
}

// As the array itself rounds it.
double as_stored(double number, const StoredType& type) {
  return type.is_integer || type.bytes > 4 ? number : static_cast<double>(static_cast<float>(number));
}

void add_range(Packing& packing, const PackingWords& words, const StoredType& type,
               const std::string& where) {
  if (words.valid_range && words.valid_range->size() != 2)
    throw DataError(fmt::format("{}: attribute 'valid_range': got {} numbers, expected 2", where,
                                words.valid_range->size()));
  double low = words.valid_range ? words.valid_range->at(0) : packing.lowest;
  double high = words.valid_range ? words.valid_range->at(1) : packing.highest;
  if (words.valid_min) low = one_number(words.valid_min, "valid_min", low, where);
  if (words.valid_max) high = one_number(words.valid_max, "valid_max", high, where);
  if (!words.range_is_of_values)
    for (double* bound : {&low, &high})
      if (*bound < 0 && std::isfinite(*bound)) *bound += packing.wrap;
  if (std::isnan(low) || std::isnan(high) || low > high)
    throw DataError(fmt::format("{}: got {} to {} as valid values, expected a range", where, low, high));
  if (words.range_is_of_values) {
    low = (low - packing.offset) / packing.scale, high = (high - packing.offset) / packing.scale;
    if (packing.scale < 0) std::swap(low, high);
  }
  packing.lowest = as_stored(low, type), packing.highest = as_stored(high, type);
}

}  // namespace

bool Packing::is_plain() const {
  return only_marks() && missing.empty();
}

bool Packing::only_marks() const {
  return !is_scaled() && std::isinf(lowest) && std::isinf(highest) && wrap == 0;
}

std::optional<double> netcdf_default_fill(const StoredType& type) {
  if (type.bytes < 2) return std::nullopt;
  if (!type.is_integer) return 9.9692099683868690e+36;
  const double largest = std::ldexp(1., static_cast<int>(8 * type.bytes));
  if (!type.is_signed) return type.bytes == 8 ? largest - 2 : largest - 1;
  return type.bytes == 8 ? 2 - largest / 2 : 1 - largest / 2;
}

Packing packing_of(const PackingWords& words, const StoredType& type, const std::string& where) {
  Packing packing;
  packing.scale = one_number(words.scale_factor, "scale_factor", 1, where);
  packing.offset = one_number(words.add_offset, "add_offset", 0, where);
  constexpr double kLeast = 1e-37, kMost = 1e37;
  if (packing.scale == 0)
    throw DataError(where + ": attribute 'scale_factor': got 0, which leaves nothing of the values");
  if (!(std::abs(packing.scale) >= kLeast && std::abs(packing.scale) <= kMost))
    throw DataError(fmt::format("{}: attribute 'scale_factor': got {}, expected a size of {} to {}", where,
                                packing.scale, kLeast, kMost));
  if (words.is_unsigned && type.is_integer && type.is_signed && type.bytes < 8)
    packing.wrap = std::ldexp(1., static_cast<int>(8 * type.bytes));
  const auto mark = [&](const Numbers& numbers, const char* attribute) {
    constexpr size_t kMost = 64;
    if (!numbers) return;
    if (numbers->size() > kMost)
      throw DataError(fmt::format("{}: attribute '{}': got {} numbers, expected {} at most", where, attribute,
                                  numbers->size(), kMost));
    for (const double number : *numbers) {
      if (std::isnan(number)) continue;  // not finite as it is
      packing.missing.push_back(as_stored(number < 0 ? number + packing.wrap : number, type));
      packing.words += fmt::format("{}{} = {:g}", packing.words.empty() ? "" : ", ", attribute, number);
    }
  };
  mark(words.fill_value, "_FillValue");
  if (!words.fill_value && words.default_fill)
    mark(std::vector<double>{*words.default_fill}, "the default _FillValue");
  mark(words.missing_value, "missing_value");
  if (words.valid_range || words.valid_min || words.valid_max) {
    add_range(packing, words, type, where);
    packing.words += fmt::format("{}valid from {:g} to {:g}{}", packing.words.empty() ? "" : ", ",
                                 packing.lowest, packing.highest, packing.is_scaled() ? " as stored" : "");
  }
  return packing;
}

void unpack(const Packing& packing, std::vector<double>& numbers) {
  for (double& number : numbers) {
    if (number < 0) number += packing.wrap;
    const bool missing =
        number < packing.lowest || number > packing.highest ||
        std::find(packing.missing.begin(), packing.missing.end(), number) != packing.missing.end();
    number = missing ? std::numeric_limits<double>::quiet_NaN() : number * packing.scale + packing.offset;
  }
}

template <class T>
void remove_marks(const Packing& packing, T* numbers, int64_t n) {
  for (const double mark : packing.missing) {
    const T stored = static_cast<T>(mark), missing = std::numeric_limits<T>::quiet_NaN();
    for (int64_t i = 0; i < n; ++i) numbers[i] = numbers[i] == stored ? missing : numbers[i];
  }
}

template void remove_marks<float>(const Packing&, float*, int64_t);
template void remove_marks<double>(const Packing&, double*, int64_t);

}  // namespace msde
