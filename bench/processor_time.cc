#include "processor_time.h"

#include <malloc.h>
#include <unistd.h>

#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace packwalk::bench {
namespace {

struct ProcessFacts {
  std::string name;
  pid_t parent = 0;
  double seconds = 0;
};

/// Nothing of a process that has just ended.
ProcessFacts facts_of(pid_t id) {
  std::ifstream in("/proc/" + std::to_string(id) + "/stat");
  std::string text;
  std::getline(in, text, '\0');  // a buffer iterator would throw if the process ended between open and read
  const std::size_t from = text.find('(');
  const std::size_t until = text.rfind(')');  // the name may hold anything
  if (from == std::string::npos || until == std::string::npos) return {};
  ProcessFacts facts{.name = text.substr(from + 1, until - from - 1)};
  std::istringstream rest(text.substr(until + 1));
  std::string state;
  rest >> state >> facts.parent;
  std::string skipped;
  for (int field = 5; field < 14; ++field) rest >> skipped;
  double ticks = 0;
  for (int field = 14; field < 18; ++field) {  // its own, user and system; those of children that it waited for
    double part = 0;
    rest >> part;
    ticks += part;
  }
  facts.seconds = ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
  return facts;
}

std::vector<pid_t> all_processes() {
  std::vector<pid_t> all;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    pid_t id = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
    if (error == std::errc() && end == name.data() + name.size()) all.push_back(id);
  }
  return all;
}

}  // namespace

double own_processor_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

double processor_seconds(pid_t id) { return facts_of(id).seconds; }

double processor_seconds_with_children(pid_t id) {
  while (true) {
    const double before = processor_seconds(id);
    double running = 0;
    for (const pid_t each : all_processes()) {
      const ProcessFacts facts = facts_of(each);
      if (facts.parent == id) running += facts.seconds;
    }
    if (processor_seconds(id) == before) return before + running;  // else a child ended, and is in both or in none
  }
}

pid_t descendant_of(pid_t ancestor, const std::string& name) {
  for (const pid_t each : all_processes()) {
    ProcessFacts facts = facts_of(each);
    if (facts.name != name || facts_of(facts.parent).name == name) continue;  // a copy that it made of itself
    while (facts.parent > 1 && facts.parent != ancestor) facts = facts_of(facts.parent);
    if (facts.parent == ancestor) return each;
  }
  throw std::runtime_error("no process " + name + " was started beside this one");
}

double peak_memory_bytes() {
  std::ifstream in("/proc/self/status");
  for (std::string word; in >> word;) {
    double kilobytes = 0;
    if (word == "VmHWM:" && in >> kilobytes) return kilobytes * 1024;
  }
  throw std::runtime_error("/proc/self/status does not tell the peak of memory");
}

void forget_peak_memory() {
  ::malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << 5;
}

}  // namespace packwalk::bench
