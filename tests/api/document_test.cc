// docs/openapi.yaml and docs/api.md against the code that they describe.
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "api/endpoints.h"
#include "api/health_api.h"
#include "api/openapi_yaml.h"
#include "doors/device_doors.h"
#include "tests/api/described_api.h"

namespace packwalk {
namespace {

class NoDevices final : public DeviceRegistry {
 public:
  Result<void> add(std::span<const NewDevice>, ServerTime) override { return fail(Errc::conflict, "read only"); }
  Result<void> replace_token(const DeviceId&, const TokenHash&, ServerTime) override { return add({}, {}); }
  Result<void> remove(const DeviceId&, ServerTime) override { return add({}, {}); }
  Result<std::optional<DeviceRecord>> find(const DeviceKey&) override { return std::nullopt; }
  Result<std::int64_t> changes_since(std::int64_t, const TakeDevice&, const ForgetDevice&) override { return 0; }
};

class NoQueue final : public PacketIntake {
 public:
  Result<void> put(Upload, Confirmation) override { return fail(Errc::unavailable, "there is no queue"); }
  void close() override {}
  QueueDepth depth(ServerTime /*now*/) const override { return {}; }
};

class StoppedClock final : public Clock {
 public:
  ServerTime now() override { return server_time(1); }
  ServerTime stamp() override { return now(); }
};

/// The routes of the doors and of the server itself, which know no parameters by name.
std::vector<Route> other_routes() {
  static DeviceDirectory directory(std::make_unique<NoDevices>());
  static NoQueue queue;
  static StoppedClock clock;
  static const AcceptPackets packets(queue, clock, {});
  static BlockingPool pool(1, 1);
  static BodyPool bodies;
  std::vector<Route> routes = device_doors({.packets = packets, .directory = directory, .pool = pool, .bodies = bodies});
  for (Route& route : health_routes([] { return Readiness(); })) routes.push_back(std::move(route));
  return routes;
}

std::set<DescribedOperation> operations_of_code() {
  std::set<DescribedOperation> all;
  for (const Endpoint& endpoint : endpoints()) {
    const auto names = endpoint.parameters();
    all.insert({std::string(name_of(endpoint.method)), std::string(endpoint.path), {names.begin(), names.end()}});
  }
  for (const Route& route : other_routes()) {
    for (const Method method : route.methods) all.insert({std::string(name_of(method)), std::string(route.pattern), {}});
  }
  return all;
}

std::vector<std::string> lines_of(const std::set<DescribedOperation>& operations) {
  std::vector<std::string> lines;
  for (const DescribedOperation& each : operations) {
    std::string line = each.method + " " + each.path;
    for (const std::string& name : each.query_parameters) line.append(" ").append(name);
    lines.push_back(line);
  }
  return lines;
}

std::vector<std::string> codes() {
  std::vector<std::string> all;
  for (const ProblemKind& kind : problem_kinds) all.emplace_back(kind.code);
  return all;
}

TEST(OpenApi, HasThePathsMethodsAndParametersOfTheCode) {
  const DescribedApi described = described_api(openapi_yaml);
  EXPECT_EQ(lines_of(operations_of_code()), lines_of(described.operations));
  EXPECT_EQ(std::vector<std::string>(), described.flaws);
}

TEST(OpenApi, ListsTheCodesOfAllProblems) { EXPECT_EQ(codes(), described_api(openapi_yaml).problem_codes); }

TEST(ApiPage, ExplainsTheCodesOfAllProblems) {
  const std::ifstream file(std::string(PACKWALK_DOCS) + "/api.md");
  std::ostringstream text;
  text << file.rdbuf();
  for (const ProblemKind& kind : problem_kinds) {
    const std::string row = "| `" + std::string(kind.code) + "` | " + std::to_string(kind.status) + " |";
    EXPECT_THAT(text.str(), testing::HasSubstr(row));
  }
}

TEST(ApiPage, NamesEachEndpoint) {
  const std::ifstream file(std::string(PACKWALK_DOCS) + "/api.md");
  std::ostringstream text;
  text << file.rdbuf();
  for (const Endpoint& endpoint : endpoints()) {
    EXPECT_THAT(text.str(), testing::HasSubstr("`GET " + std::string(endpoint.path) + "`"));
  }
}

}  // namespace
}  // namespace packwalk
