// Files of tensors, whatever they hold.
#include "msde/core/files/safetensors.hpp"
#include "tests/fuzz/harness.hpp"

void msde::fuzz::one_input(std::string_view bytes) {
  answered(ExitCode::model_format, [&] {
    const auto document = safetensors::load(scratch_file("model.safetensors", bytes));
    size_t values = 0;
    for (const auto& [name, array] : document.arrays) values += array.bytes.size();
    if (values > bytes.size()) finding("more bytes than the file has");
  });
}
