#include "app/ingest/kept_body.h"

#include <algorithm>
#include <utility>

#include "app/ingest/decode_message.h"
#include "app/ingest/ingest_batch.h"
#include "base/hexadecimal.h"

namespace packwalk {
namespace {

// Room for the message that stands for the others.
constexpr std::size_t singly_bytes_max = kept_bytes_max / 2;

/// Identifies the whole body if only its first bytes are kept.
std::string part_of(std::size_t size, std::string_view whole) {
  const auto hash = hexadecimal(hash_of_bytes(whole));
  return "; kept are the first " + std::to_string(size) + " of " + std::to_string(whole.size()) +
         " bytes, whose XXH3 is " + std::string(hash.data(), hash.size());
}

/// The reason for many messages. `message` is the first of them.
std::string first_of(const DecodedMessage& message) { return ", the first: " + reason_of(message.content); }

}  // namespace

void keep_as_unreadable(Upload& upload, const std::string& why, std::string_view packed) {
  std::string reason = why;
  const std::string_view whole = packed.empty() ? std::string_view(upload.body) : packed;
  if (!packed.empty()) reason.append("; kept as it came, in gzip");
  if (whole.size() > kept_bytes_max) reason.append(part_of(kept_bytes_max, whole));
  if (!packed.empty() || whole.size() > kept_bytes_max) upload.body = std::string(whole.substr(0, kept_bytes_max));
  upload.unreadable = std::move(reason);
  Flaw flaw{"", std::string(unreadable_reason) + upload.unreadable};
  upload.messages.clear();
  upload.messages.push_back({0, upload.body.size(), std::move(flaw), hash_of_bytes(upload.body)});
}

bool are_packets(const std::vector<DecodedMessage>& messages) {
  return std::all_of(messages.begin(), messages.end(),
                     [](const DecodedMessage& each) { return is_packet(each.content); });
}

bool is_large_and_invalid(const std::vector<DecodedMessage>& messages) {
  std::size_t bytes = 0;
  for (const DecodedMessage& message : messages) {
    if (is_packet(message.content)) return false;
    bytes += message.size;
  }
  return bytes > kept_bytes_max || messages.size() > kept_invalid_max;
}

std::string reason_of_invalid(const std::vector<DecodedMessage>& messages) {
  return "none of its " + std::to_string(messages.size()) + " packets is valid" + first_of(messages.front());
}

void merge_surplus(std::vector<DecodedMessage>& messages, std::string_view body) {
  std::size_t singly = 0;
  std::size_t bytes = 0;
  std::size_t surplus = 0;
  DecodedMessage* merged = nullptr;
  std::size_t end = 0;
  for (DecodedMessage& message : messages) {
    if (is_packet(message.content)) continue;
    if (!merged && singly < kept_invalid_max && bytes + message.size <= singly_bytes_max) {
      ++singly;
      bytes += message.size;
      continue;
    }
    if (!merged) merged = &message;
    ++surplus;
    end = message.offset + message.size;
  }
  if (!merged) return;
  std::string reason = std::string(unreadable_reason) + std::to_string(surplus);
  reason.append(" more packets of its body are not valid").append(first_of(*merged));
  const std::string_view whole = body.substr(merged->offset, end - merged->offset);
  merged->size = std::min(whole.size(), kept_bytes_max - bytes);
  if (merged->size < whole.size()) reason.append(part_of(merged->size, whole));
  merged->content = Flaw{"", std::move(reason)};
  const auto rest = messages.begin() + (merged - messages.data()) + 1;
  messages.erase(
      std::remove_if(rest, messages.end(), [](const DecodedMessage& each) { return !is_packet(each.content); }),
      messages.end());
}

}  // namespace packwalk
