// XML that was cut short or damaged, as far as it can be read.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace pugi {
class xml_document;
}

namespace packwalk::replay {

/// A part of a file that was left out: bytes begin <= b < end of it, and what was wrong there.
struct Damage {
  std::size_t begin = 0;
  std::size_t end = 0;
  const char* what = "";
  /// Where the track points begin that are lost with it. Those that zero bytes replaced are as many as would fill them,
  /// at `begin`. What is cut off at the end of a file is not lost.
  std::vector<std::size_t> points;
};

/// Reads `text`, which is UTF-8 whatever it says, into `document`. Where it is no XML, what stands from there, or from
/// the beginning of a point that is not whole, to the next point, track or route is left out. After 20 such parts each
/// later point is read by itself, so that many damaged ones cost no more time; and after 20 further ones that are in no
/// point, all that follows is left out. The damages are in the order of the text.
std::vector<Damage> load_damaged(std::string_view text, pugi::xml_document& document);

}  // namespace packwalk::replay
