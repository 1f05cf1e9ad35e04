#include "floor_postgres.h"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstring>
#include <exception>
#include <memory>
#include <random>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <type_traits>

#include "figures.h"

namespace packwalk::bench {
namespace {

constexpr const char* copy_messages =
    "BEGIN; COPY messages (device, received_at, ordinal, transport, verdict, reason, hash, content) FROM STDIN BINARY";
constexpr const char* insert_fixes =
    "INSERT INTO fixes (device, timestamp, lat, lon, altitude, accuracy, status, received_at, hash) SELECT * FROM "
    "unnest($1::bigint[], $2::integer[], $3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::smallint[], "
    "$8::bigint[], $9::bigint[]) ON CONFLICT DO NOTHING";
constexpr const char* put_states =
    "INSERT INTO states (device, lat, lon, altitude, accuracy, fix_timestamp, fix_received_at, fix_status, status, "
    "status_timestamp, status_family, last_seen, fixes, samples, duplicates, conflicts, invalid) SELECT device, lat, "
    "lon, 40, 6, timestamp, received_at, 1, 1, timestamp, 1, received_at, packets, 0, 0, 0, 0 FROM unnest("
    "$1::bigint[], $2::float8[], $3::float8[], $4::integer[], $5::bigint[], $6::bigint[]) AS s (device, lat, lon, "
    "timestamp, received_at, packets) ON CONFLICT (device) DO UPDATE SET lat = excluded.lat, lon = excluded.lon, "
    "fix_timestamp = excluded.fix_timestamp, fix_received_at = excluded.fix_received_at, status_timestamp = "
    "excluded.status_timestamp, last_seen = excluded.last_seen, fixes = states.fixes + excluded.fixes";

struct Packet {
  std::int64_t device = 0;
  std::int64_t timestamp = 0;
  std::int64_t received_at = 0;
  double lat = 0;
  double lon = 0;

  std::int64_t hash() const { return received_at * 0x1f123bb5159a55e5; }
};

template <class Integer>
void append(std::string& bytes, Integer value) {
  const auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
  for (std::size_t i = sizeof(Integer); i > 0; --i) bytes.push_back(static_cast<char>((bits >> (8 * (i - 1))) & 0xff));
}
void append(std::string& bytes, double value) { append(bytes, std::bit_cast<std::int64_t>(value)); }

/// A value with its length before it.
template <class Number>
void append_field(std::string& bytes, Number value) {
  append(bytes, static_cast<std::int32_t>(sizeof value));
  append(bytes, value);
}

template <class Number>
constexpr std::int32_t type_number() {
  if (std::is_same_v<Number, double>) return 701;
  return sizeof(Number) == 8 ? 20 : sizeof(Number) == 4 ? 23 : 21;
}

template <class Number, class Things, class Get>
std::string array_of(const Things& things, Get get) {
  std::string bytes;
  for (const std::int32_t part : {1, 0, type_number<Number>(), static_cast<std::int32_t>(things.size()), 1}) {
    append(bytes, part);
  }
  for (const auto& thing : things) append_field(bytes, static_cast<Number>(get(thing)));
  return bytes;
}

std::string copied(const std::vector<Packet>& packets) {
  using namespace std::string_view_literals;
  std::string bytes("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0"sv);
  for (const Packet& packet : packets) {
    append(bytes, std::int16_t{8});
    append_field(bytes, packet.device);
    append_field(bytes, packet.received_at);
    append_field(bytes, std::int32_t{0});
    append_field(bytes, std::int16_t{1});
    append_field(bytes, std::int16_t{0});
    append(bytes, std::int32_t{-1});
    append_field(bytes, packet.hash());
    append(bytes, std::int32_t{16});
    bytes.append("0123456789abcdef");
  }
  append(bytes, std::int16_t{-1});
  return bytes;
}

class BareConnection {
 public:
  explicit BareConnection(const std::string& url) : client_(PQconnectdb(url.c_str())) {
    check(PQstatus(client_.get()) == CONNECTION_OK);
    prepare("fixes", insert_fixes);
    prepare("states", put_states);
    prepare("commit", "COMMIT");
  }

  /// Sorted by device and time.
  void write(const std::vector<Packet>& packets) {
    check(PQsendQuery(client_.get(), copy_messages) == 1);
    take(PGRES_COMMAND_OK);
    take(PGRES_COPY_IN);
    const std::string rows = copied(packets);
    check(PQputCopyData(client_.get(), rows.data(), static_cast<int>(rows.size())) == 1);
    check(PQputCopyEnd(client_.get(), nullptr) == 1);
    take(PGRES_COMMAND_OK);
    check(PQgetResult(client_.get()) == nullptr);

    check(PQenterPipelineMode(client_.get()) == 1);
    send_fixes(packets);
    send_states(packets);
    send("commit", {});
    check(PQpipelineSync(client_.get()) == 1);
    for (int i = 0; i < 3; ++i) {
      take(PGRES_COMMAND_OK);
      check(PQgetResult(client_.get()) == nullptr);
    }
    take(PGRES_PIPELINE_SYNC);
    check(PQexitPipelineMode(client_.get()) == 1);
  }

 private:
  struct Close {
    void operator()(PGconn* client) const { PQfinish(client); }
    void operator()(PGresult* answer) const { PQclear(answer); }
  };

  void check(bool good) const {
    if (!good) throw std::runtime_error(std::string("PostgreSQL: ") + PQerrorMessage(client_.get()));
  }
  void take(ExecStatusType wanted) {
    const std::unique_ptr<PGresult, Close> answer(PQgetResult(client_.get()));
    check(PQresultStatus(answer.get()) == wanted);
  }
  void prepare(const char* name, const char* text) {
    const std::unique_ptr<PGresult, Close> answer(PQprepare(client_.get(), name, text, 0, nullptr));
    check(PQresultStatus(answer.get()) == PGRES_COMMAND_OK);
  }
  void send(const char* name, const std::vector<std::string>& arrays) {
    std::vector<const char*> values;
    std::vector<int> lengths;
    for (const std::string& array : arrays) {
      values.push_back(array.data());
      lengths.push_back(static_cast<int>(array.size()));
    }
    const std::vector<int> binary(arrays.size(), 1);
    check(PQsendQueryPrepared(client_.get(), name, static_cast<int>(arrays.size()), values.data(), lengths.data(),
                              binary.data(), 1) == 1);
  }

  void send_fixes(const std::vector<Packet>& packets) {
    using Each = const Packet&;
    send("fixes",
         {array_of<std::int64_t>(packets, [](Each each) { return each.device; }),
          array_of<std::int32_t>(packets, [](Each each) { return each.timestamp; }),
          array_of<double>(packets, [](Each each) { return each.lat; }),
          array_of<double>(packets, [](Each each) { return each.lon; }),
          array_of<double>(packets, [](Each) { return 40; }), array_of<double>(packets, [](Each) { return 6; }),
          array_of<std::int16_t>(packets, [](Each) { return 1; }),
          array_of<std::int64_t>(packets, [](Each each) { return each.received_at; }),
          array_of<std::int64_t>(packets, [](Each each) { return each.hash(); })});
  }

  void send_states(const std::vector<Packet>& packets) {
    struct Last {
      Packet packet;
      std::int64_t packets = 0;
    };
    std::vector<Last> states;
    for (const Packet& packet : packets) {
      if (states.empty() || states.back().packet.device != packet.device) states.push_back({});
      states.back().packet = packet;
      ++states.back().packets;
    }
    using Each = const Last&;
    send("states", {array_of<std::int64_t>(states, [](Each each) { return each.packet.device; }),
                    array_of<double>(states, [](Each each) { return each.packet.lat; }),
                    array_of<double>(states, [](Each each) { return each.packet.lon; }),
                    array_of<std::int32_t>(states, [](Each each) { return each.packet.timestamp; }),
                    array_of<std::int64_t>(states, [](Each each) { return each.packet.received_at; }),
                    array_of<std::int64_t>(states, [](Each each) { return each.packets; })});
  }

  std::unique_ptr<PGconn, Close> client_;
};

/// What one connection writes: devices `number`, `number` + `step`, ..
class Writer {
 public:
  Writer(const std::string& url, std::vector<std::int64_t>& clocks, std::size_t number, std::size_t step,
         std::uint64_t seed)
      : connection_(url), clocks_(clocks), number_(number), step_(step), random_(seed) {}

  std::size_t run(std::size_t run_length, std::size_t transaction, double seconds) {
    std::size_t written = 0;
    for (const auto started = Clock::now(); seconds_since(started) < seconds; written += transaction) {
      connection_.write(next(run_length, transaction));
    }
    return written;
  }

 private:
  std::vector<Packet> next(std::size_t run_length, std::size_t transaction) {
    std::uniform_real_distribution<double> share(0, 1);
    const std::int64_t now =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    last_received_ = std::max(last_received_, now);
    std::vector<Packet> packets;
    while (packets.size() < transaction) {
      const std::size_t device = (random_() % (clocks_.size() / step_)) * step_ + number_;
      for (std::size_t i = 0; i < run_length && packets.size() < transaction; ++i) {
        packets.push_back({static_cast<std::int64_t>(device) + 1, ++clocks_[device], ++last_received_,
                           share(random_) * 170 - 85, share(random_) * 359.9 - 179.95});
      }
    }
    std::sort(packets.begin(), packets.end(), [](const Packet& a, const Packet& b) {
      return std::pair(a.device, a.timestamp) < std::pair(b.device, b.timestamp);
    });
    return packets;
  }

  BareConnection connection_;
  std::vector<std::int64_t>& clocks_;
  std::size_t number_;
  std::size_t step_;
  std::mt19937_64 random_;
  std::int64_t last_received_ = 0;
};

}  // namespace

BarePostgres::BarePostgres(std::string url, std::size_t devices)
    : url_(std::move(url)),
      clocks_(devices,
              std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
                  .count()) {}

double BarePostgres::rate(std::size_t connections, std::size_t run, std::size_t transaction, double seconds) {
  std::vector<std::unique_ptr<Writer>> writers;
  for (std::size_t i = 0; i < connections; ++i) {
    writers.push_back(std::make_unique<Writer>(url_, clocks_, i, connections, seed_++));
  }
  std::vector<std::size_t> written(connections);
  std::vector<std::exception_ptr> failures(connections);
  std::vector<std::thread> threads;
  const auto started = Clock::now();
  for (std::size_t i = 0; i < connections; ++i) {
    threads.emplace_back([&, i] {
      try {
        written[i] = writers[i]->run(run, transaction, seconds);
      } catch (...) {
        failures[i] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double elapsed = seconds_since(started);
  std::size_t all = 0;
  for (std::size_t i = 0; i < connections; ++i) {
    if (failures[i]) std::rethrow_exception(failures[i]);
    all += written[i];
  }
  return static_cast<double>(all) / elapsed;
}

}  // namespace packwalk::bench
