// All fixes of a device in a range as one file, GPX or GeoJSON, made page by page while it is sent.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "api/ask.h"
#include "api/list_writer.h"
#include "core/map/gpx.h"
#include "core/track/outlier.h"

namespace packwalk {

struct FixesRange {
  DeviceNumber device;
  std::string id;
  TimeRange range;
  AnswerForm form = AnswerForm::gpx;        // or geojson
  std::optional<std::chrono::seconds> gap;  // of GPX: after a longer one another segment begins
  bool has_outliers = true;                 // marked; else they are left out
};

/// `parts` must outlive it. Each piece is a query on the pool, with the deadline of one, for `request`'s caller. Stops
/// when the caller is gone. Fixes that arrive meanwhile may be missing.
class FixesStream final : public BodySource, public std::enable_shared_from_this<FixesStream> {
 public:
  FixesStream(const ApiParts& parts, const Request& request, FixesRange wanted);

  /// Reads the next page; blocks, within the limits of the thread.
  Result<BodyPiece> read();
  void next(TakePiece take) override;

 private:
  void append(const MarkedFix& marked);

  const ApiParts& parts_;
  const std::string caller_;
  const std::string request_id_;
  const std::stop_token gone_;
  const FixesRange wanted_;
  const ServerTime now_;
  DeviceTime from_;
  std::string text_;
  GpxTrack track_;
  std::optional<ListWriter> list_;
};

/// The whole of it when it is short, else its first piece and the rest.
Result<Response> stream_of(const std::shared_ptr<FixesStream>& stream, AnswerForm form);

}  // namespace packwalk
