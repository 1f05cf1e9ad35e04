#include "child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <utility>

namespace packwalk::bench {
namespace {

std::string first_word_of(const std::string& path) {
  std::ifstream in(path);
  std::string word;
  in >> word;
  return word;
}

}  // namespace

Child Child::running(const std::function<void()>& work) {
  const pid_t id = ::fork();
  if (id < 0) throw std::runtime_error("cannot fork");
  if (id == 0) {
    work();
    ::_exit(0);
  }
  return Child(id);
}

Child Child::of(const std::vector<std::string>& command) {
  return running([&] {
    const int nowhere = ::open("/dev/null", O_RDWR);
    ::dup2(nowhere, 1);
    ::dup2(nowhere, 2);
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
  });
}

Child::Child(Child&& other) noexcept : id_(std::exchange(other.id_, -1)) {}

Child::~Child() {
  if (id_ < 0) return;
  ::kill(id_, SIGTERM);
  ::waitpid(id_, nullptr, 0);
}

std::string output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  if (!pipe) throw std::runtime_error("cannot run " + command);
  std::string output;
  std::array<char, 65536> buffer;
  for (std::size_t n = 0; (n = ::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) output.append(buffer.data(), n);
  if (::pclose(pipe) != 0) throw std::runtime_error("failed: " + command);
  return output;
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "packwalk-bench-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw std::runtime_error("cannot make a temporary folder");
  path_ = name;
}
TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Served::Served(const std::string& packwalk, const std::string& role, const std::string& folder)
    : child_(Child::of({packwalk, role, "--data", folder, "--listen", "127.0.0.1:0"})) {
  const auto port_of = [](const std::string& address) {
    return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  };
  std::string address;
  for (int i = 0; i < 3000 && address.empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    address = first_word_of(folder + "/listen");
  }
  if (address.empty()) throw std::runtime_error("packwalk " + role + " did not start");
  port_ = port_of(address);
  ops_port_ = port_of(first_word_of(folder + "/ops.listen"));
  admin_token_ = first_word_of(folder + "/admin.token");
}

std::size_t Served::resident_bytes() const {
  std::ifstream in("/proc/" + std::to_string(child_.id()) + "/statm");
  std::size_t pages = 0;
  in >> pages >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace packwalk::bench
