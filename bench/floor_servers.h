// What a server on this machine can reach at best: the plainest Beast handlers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace packwalk::bench {

enum class FloorHandler {
  empty,   // answers at once
  append,  // appends the body to a file, and answers after an fdatasync that it shares with others
};

/// Listens on a free port, on as many threads as the product does, until it is destroyed.
class FloorServer {
 public:
  FloorServer(FloorHandler handler, std::size_t threads, const std::string& journal_path);
  ~FloorServer();
  std::uint16_t port() const;

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

}  // namespace packwalk::bench
