// Detects the format of a phone's body, independent of the head.
#pragma once

#include <optional>
#include <string_view>

#include "core/packet/message.h"

namespace packwalk {

/// Whether its first character, behind blanks, is a brace or a bracket.
bool looks_like_json(std::string_view body);

/// By the names in its outermost object, or in those of its outermost array: `_type` is OwnTracks, `locations`
/// Overland, `location`, `device_id` or `notificationToken` OsmAnd's JSON, and so is a name of a latitude or longitude
/// (core/phone/fix_names.h), there or in `location`; but without such a position, a body with an unknown name has no
/// format. A body with `_type` and names of a position, but none of OwnTracks, is not OwnTracks. A body whose
/// `locations` have content, but no `geometry` or `timestamp`, is not Overland. A body that is not JSON is a form if it
/// has a name of the OsmAnd protocol. Empty if no format fits. One pass; works also if a value is not JSON.
std::optional<Transport> form_of_phone_body(std::string_view body);

}  // namespace packwalk
