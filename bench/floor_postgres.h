// What PostgreSQL reaches with the rows of the product and nothing around it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace packwalk::bench {

/// In the product's own tables of the database at `url`: originals by binary COPY; fixes that are new, and the last
/// position of each device, as binary arrays, pipelined with COMMIT; rows sorted by key. It knows that nothing comes
/// twice: no key is queried, no state read, no window of time marked. Each connection is a thread and has devices
/// of its own.
class BarePostgres {
 public:
  BarePostgres(std::string url, std::size_t devices);

  /// Packets a second for `seconds`; a device at random has `run` packets of consecutive seconds side by side.
  double rate(std::size_t connections, std::size_t run, std::size_t transaction, double seconds);

 private:
  std::string url_;
  std::vector<std::int64_t> clocks_;  // of each device: seconds since 1970
  std::uint64_t seed_ = 1;
};

}  // namespace packwalk::bench
