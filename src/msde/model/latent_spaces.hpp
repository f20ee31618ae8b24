// The fields that a prior acts on, of the parts of a model.
#pragma once

#include "msde/field/field_labels.hpp"
#include "msde/model/decoder.hpp"
#include "msde/model/drift/latent_space.hpp"
#include "msde/model/drift/prior_terms.hpp"
#include "msde/model/encoder.hpp"
#include "msde/scales/coordinates.hpp"
#include "msde/scales/scales.hpp"

namespace msde {

struct ModelSpec;

struct LatentParts {
  Coordinates coordinates;
  Filter filter;
  Encoder encoder;
  Decoder decoder;
};

// D(z), the decoded mean field, on the fine grid, and E, which reads z off a field; of models with a linear micro decoder.
LatentSpace decoded_space(const ModelSpec& spec, const LatentParts& parts);
// zeta as values at the coarse points, which lie in the middle of cells along axes that are not periodic.
LatentSpace macro_space(const ModelSpec& spec, const LatentParts& parts);

// What terms may speak of: the channels by their names in the data (one that has none is u), axes, mu and f.
ExpressionNames names_of(const Grid& grid, const FieldLabels& labels, int64_t n_mu, int64_t n_f);
ExpressionNames names_in(const ModelSpec& spec);

// ConfigError unless a prior of these options can act on such a grid: at decoded fields it needs the reduced preset with a
// linear micro decoder, at the macroscale a coarse grid whose every cell carries unknowns of its own; no mask.
void check_prior(const ModelOptions& options, const Grid& grid);
// That, and its terms. ConfigError also where they cannot be read, or have coordinates that model.frame = "start" moves.
PriorTerms checked_prior(const ModelOptions& options, const Grid& grid, const ExpressionNames& names);

}  // namespace msde
