// The condition by which statements leave out windows that are set aside.
#pragma once

// clang-format off
/// Of nearly no window: `w` are the stale ones.
#define PACKWALK_NOT_SET_ASIDE \
  "NOT EXISTS (SELECT 1 FROM set_aside_windows s " \
  "WHERE s.device = w.device AND s.window_start = w.window_start AND s.waits = 1) "
// clang-format on
