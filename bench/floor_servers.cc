#include "floor_servers.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace packwalk::bench {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;

/// Appends what waits, flushes once, tells everyone.
class Journal {
 public:
  explicit Journal(const std::string& path)
      : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)), thread_([this] { run(); }) {}
  ~Journal() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_one();
    thread_.join();
    ::close(file_);
  }

  void append(const std::string& body, std::function<void()> done) {
    {
      const std::lock_guard lock(mutex_);
      bytes_ += body;
      waiting_.push_back(std::move(done));
    }
    changed_.notify_one();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      const std::string bytes = std::exchange(bytes_, {});
      const auto waiting = std::exchange(waiting_, {});
      lock.unlock();
      if (::write(file_, bytes.data(), bytes.size()) < 0 || ::fdatasync(file_) != 0) std::abort();
      for (const auto& done : waiting) done();
      lock.lock();
    }
  }

  int file_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string bytes_;
  std::vector<std::function<void()>> waiting_;
  bool stop_ = false;
  std::thread thread_;
};

class FloorSession : public std::enable_shared_from_this<FloorSession> {
 public:
  FloorSession(tcp::socket socket, Journal* journal) : socket_(std::move(socket)), journal_(journal) {
    socket_.set_option(tcp::no_delay(true));
  }

  void read() {
    request_ = {};
    http::async_read(socket_, buffer_, request_, [self = shared_from_this()](error_code error, std::size_t) {
      if (error) return;
      if (!self->journal_ || self->request_.method() != http::verb::post) {
        self->write();
        return;
      }
      self->journal_->append(self->request_.body(),
                             [self] { asio::dispatch(self->socket_.get_executor(), [self] { self->write(); }); });
    });
  }

 private:
  void write() {
    response_ = {http::status::accepted, request_.version()};
    response_.keep_alive(request_.keep_alive());
    response_.prepare_payload();
    http::async_write(socket_, response_, [self = shared_from_this()](error_code error, std::size_t) {
      if (!error) self->read();
    });
  }

  tcp::socket socket_;
  Journal* journal_;
  boost::beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

}  // namespace

class FloorServer::Server {
 public:
  Server(FloorHandler handler, std::size_t threads, const std::string& journal_path) {
    if (handler == FloorHandler::append) journal_ = std::make_unique<Journal>(journal_path);
    for (std::size_t i = 0; i < threads; ++i) contexts_.push_back(std::make_unique<asio::io_context>(1));
    acceptor_ = std::make_unique<tcp::acceptor>(*contexts_[0], tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    accept();
    for (auto& context : contexts_) {
      threads_.emplace_back([&context] {
        const auto keep = asio::make_work_guard(*context);
        context->run();
      });
    }
  }
  ~Server() {
    for (auto& context : contexts_) context->stop();
    for (auto& thread : threads_) thread.join();
  }
  std::uint16_t port() const { return acceptor_->local_endpoint().port(); }

 private:
  void accept() {
    acceptor_->async_accept(*contexts_[next_++ % contexts_.size()], [this](error_code error, tcp::socket socket) {
      if (error) return;
      auto session = std::make_shared<FloorSession>(std::move(socket), journal_.get());
      session->read();
      accept();
    });
  }

  std::vector<std::unique_ptr<asio::io_context>> contexts_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<tcp::acceptor> acceptor_;
  std::size_t next_ = 0;
  std::vector<std::thread> threads_;
};

FloorServer::FloorServer(FloorHandler handler, std::size_t threads, const std::string& journal_path)
    : server_(std::make_unique<Server>(handler, threads, journal_path)) {}
FloorServer::~FloorServer() = default;
std::uint16_t FloorServer::port() const { return server_->port(); }

}  // namespace packwalk::bench
