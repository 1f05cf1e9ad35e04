#include "api/list_writer.h"

namespace packwalk {

ListWriter::ListWriter(AnswerForm form, std::string_view name, std::size_t bytes) : json_(bytes) {
  json_.begin_object();
  if (form == AnswerForm::geojson) {
    json_.member("type", "FeatureCollection");
    name = "features";
  }
  json_.begin_member_named(name);
  json_.begin_array();
}

std::string ListWriter::finish(std::string_view cursor) {
  json_.end_array();
  if (cursor.empty()) {
    json_.member("next", nullptr);
  } else {
    json_.member("next", cursor);
  }
  json_.end_object();
  return json_.take();
}

}  // namespace packwalk
