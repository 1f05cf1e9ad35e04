#include "packwalk/commands/input.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>

namespace packwalk {

Result<std::string> read_input(const std::string& path, std::size_t bytes_max) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) return fail(Errc::not_found, "cannot read " + path);
  }
  std::istream& in = path == "-" ? std::cin : file;
  std::string text;
  std::array<char, 64UL * 1024> piece{};
  while (in.read(piece.data(), piece.size()), in.gcount() > 0) {
    text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > bytes_max) {
      return fail(Errc::too_large, path + " has more than " + std::to_string(bytes_max) + " bytes");
    }
  }
  if (in.bad()) return fail(Errc::not_found, "cannot read " + path);
  return text;
}

}  // namespace packwalk
