#include "api/cursor_seal.h"

#include "base/base64.h"

namespace packwalk {
namespace {

constexpr std::string_view purpose = "packwalk cursor 1";
constexpr std::size_t cursor_bytes_max = 256;  // the longest holds the id of a device

}  // namespace

std::string CursorSeal::seal(std::string_view place) const {
  return base64url(packwalk::seal(token_.key_for(purpose), place, question_));
}

std::optional<std::string> CursorSeal::open(std::string_view cursor) const {
  if (cursor.size() > cursor_bytes_max) return std::nullopt;
  const auto sealed = decode_base64url(cursor);
  return sealed ? open_seal(token_.key_for(purpose), *sealed, question_) : std::nullopt;
}

}  // namespace packwalk
