#include "app/ingest/accept_packets.h"

#include <utility>

#include "app/ingest/disk_records.h"
#include "app/ingest/ingest_batch.h"
#include "app/ingest/kept_body.h"

namespace packwalk {
namespace {

constexpr std::size_t ordinary_packet_bytes = 150;
constexpr std::size_t kept_ratio_max = 16;  // more than JSON with many extra fields needs

/// The cost of an upload in the device's daily limit, which so bounds bytes too.
std::size_t records_of(const Upload& upload) {
  std::size_t records = 0;
  for (const DecodedMessage& message : upload.messages) {
    records += disk_records(message.size, reason_of(message.content).size());
  }
  return records;
}

/// Long packets that compress well would turn few bytes on the wire into many on disk.
bool is_stuffed(const Upload& upload, std::size_t packed_bytes) {
  std::size_t bytes = 0;
  for (const DecodedMessage& message : upload.messages) bytes += message.size;
  return bytes > kept_ratio_max * packed_bytes + kept_bytes_max + ordinary_packet_bytes * upload.messages.size();
}

/// The sender can only send it again, so it does not get the error of the store.
Error for_sender(const Error& error) {
  if (error.code == Errc::overloaded || error.code == Errc::unavailable) return error;
  return {Errc::unavailable, "the packets could not be stored: " + error.detail};
}

}  // namespace

void AcceptPackets::accept(DeviceNumber device, Transport transport, std::string body, const TakeReceipt& accepted,
                           const Wrapping& wrapping) const {
  Upload upload{.device = device,
                .received_at = clock_.stamp(),
                .transport = transport,
                .body = std::move(body),
                .unreadable = wrapping.unreadable};
  const ServerTime received_at = upload.received_at;
  auto receipt = decode_upload(upload, rules_, wrapping.packed);
  if (receipt && wrapping.packed_bytes > 0 && is_stuffed(upload, wrapping.packed_bytes)) {
    receipt = fail(Errc::too_large, "the packets of the unpacked body are too long for its packed size");
  }
  const std::size_t records = records_of(upload);
  if (receipt && day_max_ > 0 && records > day_max_) {
    receipt = fail(Errc::too_large, "the request has more packets than a device may send per day");
  }
  if (!receipt) {
    if (receipt.error().code == Errc::too_large) count_too_large(device);
    return accepted(receipt.failure());
  }
  if (const auto refused = limits_->take(device, records, received_at)) return accepted(Receipt{.refused = refused});
  if (!upload.unreadable.empty()) limits_->count_unreadable(device, upload.body.size(), received_at);
  if (upload.messages.empty()) return accepted(std::move(receipt));
  const auto give_back = [limits = limits_, device, records, received_at] {
    limits->give_back(device, records, received_at);
  };
  auto confirm = [accepted, give_back, receipt = *std::move(receipt)](const Result<void>& kept) {
    if (!kept) give_back();
    try {
      accepted(kept ? Result<Receipt>(receipt) : Result<Receipt>(Failure(for_sender(kept.error()))));
    } catch (...) {  // NOLINT(bugprone-empty-catch): the queue is not at fault; a sender without an answer sends again
    }
  };
  auto put = queue_.put(std::move(upload), std::move(confirm));
  if (put) return;
  give_back();
  accepted(Failure(for_sender(put.error())));
}

void AcceptPackets::count_too_large(DeviceNumber device) const {
  limits_->count_unreadable(device, kept_bytes_max, clock_.now());
}

}  // namespace packwalk
