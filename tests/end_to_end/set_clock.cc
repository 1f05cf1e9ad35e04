// For LD_PRELOAD: a time of day that a test sets. It is so many seconds ahead as the file $CLOCK_AHEAD says.
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <ctime>

extern "C" int clock_gettime(clockid_t clock, timespec* time) {
  static const auto real = reinterpret_cast<int (*)(clockid_t, timespec*)>(dlsym(RTLD_NEXT, "clock_gettime"));
  const int done = real(clock, time);
  const char* path = std::getenv("CLOCK_AHEAD");
  if (done != 0 || clock != CLOCK_REALTIME || !path) return done;
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return done;
  std::array<char, 32> text{};
  if (read(file, text.data(), text.size() - 1) > 0) time->tv_sec += std::atol(text.data());
  close(file);
  return done;
}
