#include "msde/model/drift/prior_terms.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "msde/core/error.hpp"
#include "msde/physics/separated.hpp"

namespace msde {
namespace {

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t"), last = text.find_last_not_of(" \t");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

int64_t channel_of(const std::string& word, const ExpressionNames& names, const std::string& where,
                   const std::string& text) {
  const auto found = std::find(names.channels.begin(), names.channels.end(), word);
  if (found != names.channels.end()) return found - names.channels.begin();
  for (size_t k = 0; k < names.channels.size(); ++k)
    if (word == fmt::format("u[{}]", k)) return static_cast<int64_t>(k);
  throw ConfigError(
      fmt::format("{}: got the equation of '{}', expected a channel ({}), as \"{}: ..\"; in \"{}\"", where,
                  word, fmt::join(names.channels, ", "),
                  names.channels.front().empty() ? "u[0]" : names.channels.front(), text));
}

// The expression of every channel. What is before an expression is blank, so that columns are those of the text.
std::vector<std::optional<Expression>> equations(const std::string& text, const ExpressionNames& names,
                                                 const std::string& where) {
  std::vector<std::optional<Expression>> of_channels(names.channels.size());
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(';', begin), text.size());
    const size_t colon = text.find(':', begin);
    int64_t channel = 0;
    size_t from = begin;
    if (colon < end) {
      channel = channel_of(trimmed(text.substr(begin, colon - begin)), names, where, text);
      from = colon + 1;
    } else if (names.channels.size() > 1) {
      throw ConfigError(fmt::format(
          "{}: got no channel whose rate of change this is, expected one of {}, as \"{}: ..\"; in \"{}\"",
          where, names.channels.size(), names.channels.front().empty() ? "u[0]" : names.channels.front(),
          text));
    }
    auto& equation = of_channels[static_cast<size_t>(channel)];
    if (equation)
      throw ConfigError(fmt::format("{}: has two equations of one channel; in \"{}\"", where, text));
    equation = parse_expression(std::string(from, ' ') + text.substr(from, end - from), names, where);
    begin = end + 1;
  }
  return of_channels;
}

// The pieces of a term: parts of all channels that have the same factor together.
void add_pieces(std::vector<PriorPiece>& pieces, int64_t term,
                const std::vector<std::optional<Expression>>& of_channels, const std::string& form) {
  const size_t first = pieces.size();
  for (size_t c = 0; c < of_channels.size(); ++c) {
    if (!of_channels[c]) continue;
    const auto e =
        form == "conserving" ? energy_conserving(*of_channels[c], of_channels.size() == 1) : *of_channels[c];
    for (auto& part : separated(e)) {
      const auto text = to_text(part.factor);
      auto piece = std::find_if(pieces.begin() + static_cast<int64_t>(first), pieces.end(),
                                [&](const PriorPiece& p) { return to_text(p.factor) == text; });
      if (piece == pieces.end())
        piece = pieces.insert(piece, {.term = term, .factor = part.factor, .of_channels = {}});
      piece->of_channels.resize(of_channels.size());
      piece->of_channels[c] = std::move(part.field);
    }
  }
  for (size_t p = first; p < pieces.size(); ++p) {
    auto& piece = pieces[p];
    piece.degree = 0;
    for (const auto& e : piece.of_channels) {
      if (!e) continue;
      piece.degree = std::max(piece.degree, degree_in_fields(*e));
      piece.is_polynomial = piece.is_polynomial && !depends_on_inputs(*e);
    }
    piece.is_polynomial = piece.is_polynomial && piece.degree <= 2;
  }
}

}  // namespace

PriorTerms read_prior(const PriorOptions& o, const ExpressionNames& names) {
  constexpr size_t kMostTerms = 64;
  if (o.terms.size() + o.candidates.size() > kMostTerms)
    throw ConfigError(fmt::format("prior.terms: got {} terms and candidates, expected at most {}",
                                  o.terms.size() + o.candidates.size(), kMostTerms));
  PriorTerms prior;
  prior.n_known = static_cast<int64_t>(o.terms.size());
  bool changed = false;
  const auto add = [&](const std::vector<std::string>& texts, const std::string& key) {
    for (size_t k = 0; k < texts.size(); ++k) {
      const auto of_channels = equations(texts[k], names, fmt::format("{}[{}]", key, k));
      for (const auto& e : of_channels)
        if (e) prior.depends_on_place = prior.depends_on_place || depends_on_place(*e);
      for (const auto& e : of_channels)
        changed = changed || (e && to_text(energy_conserving(*e, of_channels.size() == 1)) != to_text(*e));
      add_pieces(prior.pieces, prior.size(), of_channels, o.form);
      prior.texts.push_back(texts[k]);
    }
  };
  add(o.terms, "prior.terms");
  add(o.candidates, "prior.candidates");
  if (o.form == "conserving" && !changed)
    throw ConfigError(
        "prior.form = \"conserving\": no term is convective, as u*dx(u) is; expected prior.form = \"plain\"");
  return prior;
}

}  // namespace msde
