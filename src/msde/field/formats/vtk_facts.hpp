// What is known of a trajectory of VTK images without reading a field.
#pragma once

#include <string>
#include <vector>

#include "msde/field/formats/field_source.hpp"
#include "msde/field/formats/vtk_channels.hpp"

namespace msde {

// All but the name of the format. The file says nothing of its boundaries: open is assumed. DataError naming `where`: a
// single time, or times that are not equally spaced; no axis of more than one value.
SourceFacts facts_of(const VtkChannels& channels, bool with_z, std::vector<double> times,
                     const std::string& where);

}  // namespace msde
