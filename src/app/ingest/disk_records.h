// The cost of a message in its device's daily limit (`packets.device_day_max`), by the disk space that it takes.
#pragma once

#include <cstddef>

namespace packwalk {

/// A packet up to this length is one record of `packets.device_day_max`; a longer one counts once per this many bytes
/// of disk. 500,000 records per day are 75 MB of binary or long packets, or 140 MB of the longest ordinary packets.
inline constexpr std::size_t disk_bytes_per_record = 150;

/// The number of records of a message. `content_bytes` is the size of its original, `reason_bytes` that of the reason
/// if it is invalid. The disk of a long one, in the embedded store, is rounded up. Binary packets and our JSON count as
/// 1, one of 276 bytes (Overland) as 3, one of 1,000 bytes as 33.
///
/// A page of SQLite has 4,096 bytes. A row of `messages` is in the page of its key if it has at most 1,002 bytes; pages
/// are four fifths full, and the row's other columns, its fix and its entry among those not accepted take some 105
/// bytes more. A longer row leaves at least 489 bytes there, and the rest of it takes whole pages of its own
/// (https://www.sqlite.org/fileformat.html, "Cell Payload Overflow Pages").
std::size_t disk_records(std::size_t content_bytes, std::size_t reason_bytes);

}  // namespace packwalk
