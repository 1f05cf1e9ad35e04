// Which of the forms that phones send a body has, whatever its head says of it.
#pragma once

#include <optional>
#include <string_view>

#include "core/packet/message.h"

namespace packwalk {

/// Whether its first character, behind blanks, is a brace or a bracket.
bool looks_like_json(std::string_view body);

/// By the names in its outermost object, or in those of its outermost array: `_type` is OwnTracks, `locations`
/// Overland, `location`, `device_id` or `notificationToken` OsmAnd's JSON, and so is a name of a latitude or longitude
/// (core/phone/fix_names.h), there or in `location`; but without such a place, nothing is where a name stands that
/// nobody knows. A body with `_type` that has names of a place, but none of OwnTracks, is not OwnTracks; one whose
/// `locations` have something in them, but no `geometry` or `timestamp`, is not Overland. Of a body that is no JSON, a
/// name that the OsmAnd protocol knows makes a form of it. Nothing when it says nothing of that. One pass; sound also
/// where a value is not JSON.
std::optional<Transport> form_of_phone_body(std::string_view body);

}  // namespace packwalk
