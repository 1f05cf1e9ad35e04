// script/bench: the product beside what the machine can do, in one run.
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <sstream>
#include <thread>

#include "adapters/sql/sql_ingest_store.h"
#include "adapters/sqlite/sqlite_connection.h"
#include "analysis.h"
#include "app/questions/live_positions.h"
#include "base/text.h"
#include "base/time_text.h"
#include "child.h"
#include "figures.h"
#include "floor_servers.h"
#include "floor_sqlite.h"
#include "http_load.h"
#include "options.h"
#include "production.h"
#include "senders.h"

namespace packwalk::bench {
namespace {

std::size_t server_threads() { return std::max(1U, std::thread::hardware_concurrency()); }

/// A floor server in a process of its own, as the product is.
class FloorProcess {
 public:
  FloorProcess(FloorHandler handler, const std::string& folder)
      : port_file_(folder + "/port"), child_(Child::running([&] {
          const FloorServer server(handler, server_threads(), folder + "/journal");
          std::ofstream(port_file_ + ".new") << server.port();
          std::filesystem::rename(port_file_ + ".new", port_file_);
          ::pause();
        })) {}

  std::uint16_t port() const {
    while (!std::filesystem::exists(port_file_)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::uint16_t port = 0;
    std::ifstream(port_file_) >> port;
    return port;
  }

 private:
  std::string port_file_;
  Child child_;
};

double checked_rate(const LoadResult& result) {
  if (result.failures > 0)
    std::printf("  %llu requests were told to come again later\n", static_cast<unsigned long long>(result.failures));
  return result.requests_per_second;
}

void bench_single_packets(const Options& options) {
  std::printf("\n== One packet a request, binary, %zu devices at random; answered when it is on disk\n",
              options.devices);
  for (const std::size_t connections : {1, 64, 256}) {
    const TemporaryFolder floor_folder;
    const TemporaryFolder folder;
    Senders senders(options.packwalk, folder.path(), options.devices);
    LoadResult floor;
    {
      const FloorProcess server(FloorHandler::append, floor_folder.path());
      floor = load(server.port(), {connections, options.load_time()}, senders.requests(1));
    }
    const Served server(options.packwalk, "serve", folder.path());
    LoadResult product = load(server.port(), {connections, options.load_time()}, senders.requests(1));
    const double commits = metric(server.ops_port(), "packwalk_commit_messages_count");
    const double messages = metric(server.ops_port(), "packwalk_commit_messages_sum");
    print_ratio("durable requests, " + std::to_string(connections) + " connections", checked_rate(product),
                checked_rate(floor), "requests/s", 60);
    std::printf("  latency p50 %.2f ms, p99 %.2f ms (floor %.2f, %.2f); %.1f packets a commit\n",
                percentile(product.latencies_ms, 0.5), percentile(product.latencies_ms, 0.99),
                percentile(floor.latencies_ms, 0.5), percentile(floor.latencies_ms, 0.99), messages / commits);
  }
}

void bench_batches(const Options& options) {
  std::printf("\n== 100 packets a request, binary, one device a request, %zu devices at random\n", options.devices);
  const TemporaryFolder folder;
  Senders senders(options.packwalk, folder.path(), options.devices);
  double rate = 0;
  double batch = 0;
  {
    const Served server(options.packwalk, "serve", folder.path());
    const auto started = Clock::now();
    checked_rate(load(server.port(), {32, options.load_time()}, senders.requests(100)));
    while (metric(server.ops_port(), "packwalk_queue_messages") > 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    rate = metric(server.ops_port(), "packwalk_commit_messages_sum") / seconds_since(started);
    batch = metric(server.ops_port(), "packwalk_commit_messages_sum") /
            metric(server.ops_port(), "packwalk_commit_messages_count");
  }
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    if (entry.path().filename().string().starts_with("packwalk.db")) bytes += entry.file_size();
  }
  auto connection = sql::open_sqlite(folder.path() + "/packwalk.db").value();
  std::int64_t kept = 0;
  (void)connection->query("SELECT COUNT(*) FROM messages", {}, [&](const sql::Row& row) { kept = row.integer(0); });

  const TemporaryFolder bare;
  const double floor_100 = bare_sqlite_rate(bare.path() + "/a.db", options.devices, 100, 100, options.seconds);
  const auto transaction = static_cast<std::size_t>(batch);
  const double floor_same = bare_sqlite_rate(bare.path() + "/b.db", options.devices, 100, transaction, options.seconds);
  print_ratio("packets in batches of 100, bare SQLite: 100 a commit", rate, floor_100, "packets/s", 60);
  print_ratio("  bare SQLite: " + std::to_string(transaction) + " a commit, as the product made them", rate, floor_same,
              "packets/s", 60);
  print_figure("bytes on disk a kept packet (with its fix and state)",
               static_cast<double>(bytes) / static_cast<double>(kept), "bytes");
}

/// A box around a place that holds about `hits` of `positions` spread evenly.
GeoBox box_of(const LatLon& middle, double hits, double positions) {
  const double share = std::sqrt(hits / positions);
  const double height = 170 * share / 2;
  const double width = 359.9 * share / 2;
  const double latitude = std::clamp(middle.latitude(), -85 + height, 85 - height);
  const double longitude = std::clamp(middle.longitude(), -179.95 + width, 179.95 - width);
  return GeoBox::from_degrees(longitude - width, latitude - height, longitude + width, latitude + height).value();
}

std::vector<DevicePosition> many_positions(std::size_t count) {
  std::mt19937_64 random(3);
  std::vector<DevicePosition> positions;
  for (std::size_t i = 1; i <= count; ++i) {
    positions.push_back({DeviceNumber{static_cast<std::int64_t>(i)}, Fix{.position = somewhere(random),
                                                                         .altitude = 40,
                                                                         .accuracy = 6,
                                                                         .timestamp = device_time(first_second),
                                                                         .status = 1}});
  }
  return positions;
}

std::string bbox_target(const GeoBox& box) {
  std::string target = "/v1/positions?limit=10000&bbox=";
  append_number(target, box.west());
  for (const double edge : {box.south(), box.east(), box.north()}) {
    target.push_back(',');
    append_number(target, edge);
  }
  return target;
}

void bench_box_in_process(const std::vector<DevicePosition>& positions) {
  std::printf("\n== Positions in a box, %zu devices, inside the process\n", positions.size());
  LivePositions live;
  live.publish(positions);
  std::mt19937_64 random(5);
  for (const auto& [hits, limit_us] : {std::pair{100.0, 20.0}, {10'000.0, 500.0}}) {
    std::vector<double> index_us;
    std::vector<double> scan_us;
    std::size_t found = 0;
    for (int i = 0; i < 2000; ++i) {
      const GeoBox box = box_of(somewhere(random), hits, static_cast<double>(positions.size()));
      const auto started = Clock::now();
      found += live.in_box({.box = box, .earliest = device_time(0), .limit = 20'000}, Sight::of_all()).positions.size();
      index_us.push_back(1e6 * seconds_since(started));
    }
    for (int i = 0; i < 20; ++i) {  // apart, as a scan throws everything else out of the caches
      const GeoBox box = box_of(somewhere(random), hits, static_cast<double>(positions.size()));
      const auto started = Clock::now();
      std::vector<DevicePosition> all;
      std::copy_if(positions.begin(), positions.end(), std::back_inserter(all),
                   [&](const DevicePosition& each) { return box.contains(each.fix.position); });
      scan_us.push_back(1e6 * seconds_since(started));
    }
    const std::string what = std::to_string(static_cast<int>(hits)) + " hits";
    print_limit("bbox, " + what + ", p99", percentile(index_us, 0.99), "us", limit_us);
    std::printf("  p50 %.1f us, %.0f hits on average; a scan of all takes %.0f us\n", percentile(index_us, 0.5),
                static_cast<double>(found) / 2000, percentile(scan_us, 0.5));
  }
  std::vector<DevicePosition> moved = positions;
  for (DevicePosition& position : moved) {
    position.fix.timestamp += std::chrono::seconds(1);
    position.fix.position =
        LatLon::from_degrees(position.fix.position.latitude() + 1e-5, position.fix.position.longitude()).value();
  }
  const auto updating = Clock::now();
  live.publish(moved);
  print_figure("small moves", static_cast<double>(moved.size()) / seconds_since(updating), "moves/s");
}

void write_positions(const std::string& folder, const std::vector<DevicePosition>& positions) {
  auto store = sql::make_sql_ingest_store(sql::open_sqlite(folder + "/packwalk.db").value());
  auto transaction = store->begin().value();
  std::vector<CurrentState> states;
  for (const DevicePosition& position : positions) {
    states.push_back({.device = position.device, .last_fix = position.fix});
  }
  if (!transaction->put(states) || !transaction->commit()) throw std::runtime_error("cannot write the positions");
}

void bench_reading_over_http(const Options& options, const std::vector<DevicePosition>& positions) {
  std::printf("\n== The same over HTTP, and the last position of a device\n");
  const TemporaryFolder folder;
  std::size_t empty_bytes = 0;
  {
    const Served server(options.packwalk, "serve", folder.path());
    empty_bytes = server.resident_bytes();
  }
  output_of(options.packwalk + " device add --count " + std::to_string(positions.size()) + " --data " + folder.path());
  write_positions(folder.path(), positions);
  const Served server(options.packwalk, "serve", folder.path());
  const double megabytes = static_cast<double>(server.resident_bytes() - empty_bytes) / 1e6;
  print_limit("memory, " + std::to_string(positions.size()) + " devices with positions", megabytes, "MB", 200);

  std::mt19937_64 random(9);
  for (const double hits : {100.0, 10'000.0}) {
    LoadResult result = load(server.port(), {1, options.load_time()}, [&](std::string& request) {
      request = get_request(bbox_target(box_of(somewhere(random), hits, static_cast<double>(positions.size()))),
                            server.admin_token());
    });
    print_figure("bbox over HTTP, " + std::to_string(static_cast<int>(hits)) + " hits, one connection",
                 checked_rate(result), "requests/s");
    std::printf("  p50 %.3f ms, p99 %.3f ms\n", percentile(result.latencies_ms, 0.5),
                percentile(result.latencies_ms, 0.99));
  }
  const auto last_position = [&](std::string& request) {
    std::string number = std::to_string(1 + random() % positions.size());
    number.insert(0, std::to_string(positions.size()).size() - number.size(), '0');
    request = get_request("/v1/devices/dog-" + number + "/position", server.admin_token());
  };
  const TemporaryFolder floor_folder;
  const FloorProcess floor_server(FloorHandler::empty, floor_folder.path());
  const double floor = checked_rate(load(floor_server.port(), {64, options.load_time()}, last_position));
  const double product = checked_rate(load(server.port(), {64, options.load_time()}, last_position));
  print_ratio("last position, 64 connections, floor: an empty handler", product, floor, "requests/s", 60);
}

void bench_latency(const Options& options) {
  std::printf("\n== From POST to visible in the answer of a box, on an idle server\n");
  const TemporaryFolder folder;
  Senders senders(options.packwalk, folder.path(), 1);
  const Served server(options.packwalk, "serve", folder.path());
  BlockingClient collar(server.port());
  BlockingClient owner(server.port());
  std::vector<double> visible_ms;
  for (int i = 1; i <= 500; ++i) {
    const std::string request = senders.next(1);
    const std::string wanted = iso_text(device_time(first_second + i));
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    const auto started = Clock::now();
    collar.exchange(request);
    while (owner.exchange(get_request("/v1/positions", server.admin_token())).find(wanted) == std::string::npos) {
      if (seconds_since(started) > 30) throw std::runtime_error("a packet does not become visible");
    }
    visible_ms.push_back(1e3 * seconds_since(started));
  }
  print_limit("latency, p99", percentile(visible_ms, 0.99), "ms", 10);
  std::printf("  p50 %.2f ms\n", percentile(visible_ms, 0.5));
}

int run(const Options& options) {
  const auto wanted = [&](const char* name) { return options.only.empty() || options.only == name; };
  std::printf("%u cores; loads of %.0f s\n", std::thread::hardware_concurrency(), options.seconds);
  if (wanted("single")) bench_single_packets(options);
  if (wanted("batches")) bench_batches(options);
  if (wanted("latency")) bench_latency(options);
  if (wanted("positions")) {
    const std::vector<DevicePosition> positions = many_positions(options.positions);
    bench_reading_over_http(options, positions);
    bench_box_in_process(positions);
  }
  return 0;
}

}  // namespace
}  // namespace packwalk::bench

int main(int count, char** arguments) {
  packwalk::bench::Options options;
  options.packwalk = std::filesystem::path(arguments[0]).parent_path() / "packwalk";
  for (int i = 1; i < count; ++i) {
    const std::string name = arguments[i];
    if (name == "--production") {
      options.production = true;
    } else if (name == "--analysis" || name == "analysis") {
      options.analysis = true;
    } else if (i + 1 < count && name == "--seconds") {
      options.seconds = std::stod(arguments[++i]);
    } else if (i + 1 < count && name == "--only") {
      options.only = arguments[++i];
    } else if (i + 1 < count && name == "--kept") {
      options.kept = std::stoll(arguments[++i]);
    } else if (i + 1 < count && name == "--dogs") {
      options.dogs = std::stoul(arguments[++i]);
    } else if (i + 1 < count && name == "--stored") {
      options.stored = std::stoll(arguments[++i]);
    } else {
      std::fprintf(
          stderr,
          "usage: packwalk_bench [--seconds N] [--only single|batches|latency|positions]\n"
          "       packwalk_bench --production [--seconds N] [--only queue|rate|backlog|latency|kept] [--kept N]\n"
          "       packwalk_bench --analysis [--only memory|growth|postgis|stores|late] [--dogs N] [--stored N]\n");
      return 2;
    }
  }
  try {
    if (options.production) return packwalk::bench::bench_production(options);
    if (options.analysis) return packwalk::bench::bench_analysis(options);
    return packwalk::bench::run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
    return 1;
  }
}
