// The form of times in tables.
#pragma once

#include <string>

#include "base/text.h"
#include "base/time_text.h"

namespace packwalk {

enum class TimeForm { seconds, iso };

/// 1772445605, or 2026-03-02T10:00:05Z.
inline void append_time(std::string& text, DeviceTime time, TimeForm form) {
  if (form == TimeForm::iso) {
    text.append(iso_text(time));
  } else {
    append_number(text, seconds_since_1970(time));
  }
}

}  // namespace packwalk
