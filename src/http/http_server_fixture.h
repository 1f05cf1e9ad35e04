// A server whose handlers the test controls.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "http/byte_client.h"
#include "http/problem.h"
#include "http/server.h"
#include "http/static_file.h"

namespace packwalk {

/// A body whose pieces the test supplies.
class HeldSource final : public BodySource {
 public:
  void next(TakePiece take) override {
    const std::lock_guard lock(mutex_);
    ++asked_;
    if (take_) overlapping_ = true;
    take_ = std::move(take);
    changed_.notify_all();
  }
  void give(Result<BodyPiece> piece) {
    TakePiece take;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return take_ != nullptr; });
      take = std::exchange(take_, nullptr);
    }
    take(std::move(piece));
  }
  bool is_asked() const {
    const std::lock_guard lock(mutex_);
    return take_ != nullptr;
  }
  int asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  bool was_asked_twice_at_once() const {
    const std::lock_guard lock(mutex_);
    return overlapping_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  TakePiece take_;
  int asked_ = 0;
  bool overlapping_ = false;
};

/// A request that its handler has not answered yet.
struct Held {
  Request request;
  Reply reply;
};

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    options.port = 0;
    options.threads = 2;
  }
  ~HttpServerTest() override {
    server.reset();  // its threads use the members below
  }

  std::uint16_t start() {
    std::vector<Route> routes = simple_routes();
    for (Route& route : steered_routes()) routes.push_back(std::move(route));
    const auto report = [this](const Fault& fault) {
      if (log_is_full) throw std::bad_alloc();
      const std::lock_guard lock(mutex);
      faults.push_back(std::string(fault.method) + " " + std::string(fault.pattern) + " " + std::string(fault.address) +
                       ": " + std::string(fault.what));
      fault_ids.emplace_back(fault.request_id);
    };
    const auto unhandled = [this](const Unhandled& request) {
      const std::lock_guard lock(mutex);
      refused.push_back(std::string(request.reason) + " " + std::string(request.address) + " " +
                        std::string(request.path));
    };
    const auto observer = [this](const AnsweredRequest& request) {
      const std::lock_guard lock(mutex);
      answered.push_back(std::string(request.method) + " " + std::string(request.pattern) + " " +
                         std::to_string(request.status) + " " + std::string(request.request_id));
    };
    server.emplace(options, Service{std::move(routes), observer, report, unhandled});
    EXPECT_TRUE(server->start());
    return server->port();
  }

  /// Routes that answer immediately.
  static std::vector<Route> simple_routes() {
    const std::vector<Method> get{Method::get};
    const auto ok = [](const Request& request, const Reply& reply) {
      reply({.content_type = "text/plain", .body = request.remote_address + " " + std::to_string(request.body.size())});
    };
    const auto echo = [](const Request& request, const Reply& reply) {
      reply({.content_type = "text/plain", .body = std::string(name_of(request.method)) + " " + request.body});
    };
    const auto throws = [](const Request&, const Reply&) { throw std::runtime_error("the shelf broke"); };
    const auto throws_number = [](const Request&, const Reply&) { throw 7; };
    const auto splits = [](const Request& request, const Reply& reply) {
      Response response;
      response.headers.emplace_back("Link", request.query == "cut" ? "a\r\nSet-Cookie: b" : request.query);
      reply(std::move(response));
    };
    const auto large = [](const Request&, const Reply& reply) { reply({.body = std::string(large_size, 'x')}); };
    const auto text = [](const Request&, const Reply& reply) {
      reply({.content_type = "text/plain", .body = long_text(), .has_etag = true});
    };
    const auto file = [shared = make_static_file(long_text(), "text/css")](const Request&, const Reply& reply) {
      reply({.content_type = "text/css", .body = shared, .headers = {{"Cache-Control", "max-age=60"}}});
    };
    return {{get, "/ok", ok},
            {{Method::post}, "/open", ok, body_max},
            {{Method::put, Method::patch, Method::delete_}, "/thing", echo, body_max},
            {get, "/throws/{token}", throws},
            {get, "/number", throws_number},
            {get, "/splits", splits},
            {get, "/large", large},
            {get, "/text", text},
            {get, "/file", file}};
  }

  /// Routes that report to the test, or wait for it.
  std::vector<Route> steered_routes() {
    const std::vector<Method> get{Method::get};
    const std::vector<Method> post{Method::post};
    const auto ok = [](const Request&, const Reply& reply) { reply({}); };
    const auto hold = [this](Request request, Reply reply) {
      const std::lock_guard lock(mutex);
      waiting.push_back({std::move(request), std::move(reply)});
      changed.notify_all();
    };
    const auto who = [this](const Request& request, const Reply& reply) {
      {
        const std::lock_guard lock(mutex);
        devices.push_back(request.device);
      }
      reply({});
    };
    const auto stream = [this](const Request& request, const Reply& reply) {
      gone = request.gone;
      reply({.content_type = "text/plain", .body = StreamedBody{"first ", source}});
    };
    const HeadCheck knows = [this](const Request& head, const Decided& decide) {
      ++checks;
      const std::string authorization(head.authorization());
      if (authorization == "Bearer good") return decide({.is_admitted = true, .device = DeviceNumber{7}});
      if (authorization.starts_with("Bearer good")) {
        return decide({.is_admitted = true, .device = DeviceNumber{std::stoi(authorization.substr(11))}});
      }
      if (authorization == "Bearer throw") throw std::bad_alloc();
      decide({.refusal = unauthorized(Problem::unknown_token, "nobody has this token")});
    };
    return {{post, "/door/{token}", ok, body_max, knows, true}, {post, "/who", who, body_max},
            {post, "/who/known", who, body_max, knows},         {post, "/hold", hold, body_max, nullptr, false, true},
            {get, "/hold", hold, 0, nullptr, false, true},      {get, "/stream", stream, 0, nullptr, false, true}};
  }

  Held wait_for_held() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return !waiting.empty(); });
    Held first = std::move(waiting.front());
    waiting.pop_front();
    return first;
  }

  static void wait_for(const std::function<bool()>& is_so) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!is_so()) {
      ASSERT_LT(std::chrono::steady_clock::now(), until);
      std::this_thread::yield();
    }
  }

  static std::string get(const std::string& path, const std::string& fields = "") {
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
  }
  static std::string post(const std::string& path, std::size_t length, const std::string& fields = "") {
    return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(length) + "\r\n" + fields +
           "\r\n";
  }

  /// A body that gzip makes smaller.
  static std::string long_text() { return std::string(100'000, 't'); }

  static constexpr std::size_t body_max = 1024UL * 1024;
  static constexpr std::size_t large_size = 8UL * 1024 * 1024;
  ServerOptions options;
  std::mutex mutex;
  std::condition_variable changed;
  std::list<Held> waiting;
  std::vector<std::string> faults;
  std::vector<std::string> fault_ids;  // of the requests in which they happened
  std::vector<std::string> answered;
  std::vector<std::optional<DeviceNumber>> devices;  // that /who received
  std::vector<std::string> refused;
  std::shared_ptr<HeldSource> source = std::make_shared<HeldSource>();
  std::stop_token gone;
  std::atomic<int> checks = 0;
  std::atomic<bool> log_is_full = false;  // and throws
  std::optional<HttpServer> server;
};

}  // namespace packwalk
