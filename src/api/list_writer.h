// A list of items as JSON, page by page or piece by piece.
#pragma once

#include <string>
#include <string_view>

#include "api/parameters.h"
#include "base/json_writer.h"

namespace packwalk {

/// {"<name>":[..],"next":cursor or null}, or a FeatureCollection that has `next` too.
class ListWriter {
 public:
  /// `bytes`: about how long the list will be.
  ListWriter(AnswerForm form, std::string_view name, std::size_t bytes = 0);

  /// Takes the next item.
  JsonWriter& items() { return json_; }
  /// What is there so far, of which more comes.
  std::string take_piece() { return json_.take(); }
  std::string finish(std::string_view cursor);  // "" where this was the last page

 private:
  JsonWriter json_;
};

}  // namespace packwalk
