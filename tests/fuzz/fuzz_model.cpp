// Descriptions of models. One that is accepted makes a model, or is refused before memory is taken for it.
#include "msde/model/model_file.hpp"
#include "tests/fuzz/harness.hpp"

void msde::fuzz::one_input(std::string_view bytes) {
  answered(ExitCode::model_format, [&] {
    const std::string text(bytes), again = spec_to_json(spec_from_json(text, "model.safetensors"));
    if (again != spec_to_json(spec_from_json(again, "again")))
      finding("the description changes when it is read again");
    // A file without tensors: nothing may be made that a file of this size cannot hold.
    safetensors::Document document;
    document.metadata["spec"] = text;
    model_from(document, "", "model.safetensors");
    finding("a model without tensors was accepted");
  });
}
