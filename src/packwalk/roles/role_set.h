// The roles of a process.
#pragma once

namespace packwalk {

/// gateway: takes packets. ingest: commits them. analysis: derives tracks, activity and walks. notify: sends events.
/// api: answers queries.
struct RoleSet {
  bool gateway = false;
  bool ingest = false;
  bool analysis = false;
  bool notify = false;
  bool api = false;

  bool has_all() const { return gateway && ingest && analysis && notify && api; }
};

}  // namespace packwalk
