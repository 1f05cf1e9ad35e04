// The series of levels that only some processes have.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <chrono>

#include "api/levels.h"

namespace packwalk {

inline prometheus::Gauge& gauge_in(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

inline prometheus::Counter& counter_in(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
}

/// Only of a process that has the queue in files.
struct SetAsideSeries {
  explicit SetAsideSeries(prometheus::Registry& registry)
      : letters(gauge_in(registry, "packwalk_queue_dead",
                         "Dead letters in the data folder: requests that could not be committed and wait for the "
                         "operator.")),
        damaged(gauge_in(registry, "packwalk_queue_damaged_files",
                         "Files of the journal in the data folder in which something confirmed cannot be read.")) {}

  void set(const QueueDepth::SetAside& levels) {
    letters.Set(static_cast<double>(levels.letters));
    damaged.Set(static_cast<double>(levels.damaged));
  }

  prometheus::Gauge& letters;
  prometheus::Gauge& damaged;
};

/// Only of a process that copies.
struct ArchiveSeries {
  explicit ArchiveSeries(prometheus::Registry& registry)
      : backlog(gauge_in(registry, "packwalk_archive_backlog_messages",
                         "Messages committed, by any process, and not yet in the archive.")),
        oldest_age(gauge_in(registry, "packwalk_archive_oldest_seconds",
                            "Age of the oldest message that is committed and not yet in the archive.")),
        copied(counter_in(registry, "packwalk_archive_messages_total",
                          "Messages that this process has copied to the archive.")),
        failures(
            counter_in(registry, "packwalk_archive_failures_total", "Attempts to copy to the archive that failed.")) {}

  void set(const Levels::Copying& levels) {
    backlog.Set(static_cast<double>(levels.backlog));
    oldest_age.Set(std::chrono::duration<double>(levels.oldest_age).count());
    copied.Increment(static_cast<double>(levels.copied) - copied.Value());
    failures.Increment(static_cast<double>(levels.failures) - failures.Value());
  }

  prometheus::Gauge& backlog;
  prometheus::Gauge& oldest_age;
  prometheus::Counter& copied;
  prometheus::Counter& failures;
};

/// Only of a process that sends events.
struct NotifySeries {
  explicit NotifySeries(prometheus::Registry& registry)
      : waiting(
            gauge_in(registry, "packwalk_notifications_waiting", "Events that are not delivered yet, of all devices.")),
        oldest_age(gauge_in(registry, "packwalk_notifications_oldest_seconds", "Age of the oldest of these events.")),
        sent(counter_in(registry, "packwalk_notifications_sent_total", "Events that this process has delivered.")),
        failures(
            counter_in(registry, "packwalk_notification_failures_total", "Attempts to deliver an event that failed.")),
        given_up(counter_in(registry, "packwalk_notifications_given_up_total",
                            "Events that this process has given up after a day of attempts or a final refusal.")),
        too_old(counter_in(registry, "packwalk_notifications_too_old_total",
                           "Events that this process has not sent because they were too old.")) {}

  void set(const Levels::Notify& levels) {
    waiting.Set(static_cast<double>(levels.waiting));
    oldest_age.Set(std::chrono::duration<double>(levels.oldest_age).count());
    sent.Increment(static_cast<double>(levels.sent) - sent.Value());
    failures.Increment(static_cast<double>(levels.failures) - failures.Value());
    given_up.Increment(static_cast<double>(levels.given_up) - given_up.Value());
    too_old.Increment(static_cast<double>(levels.too_old) - too_old.Value());
  }

  prometheus::Gauge& waiting;
  prometheus::Gauge& oldest_age;
  prometheus::Counter& sent;
  prometheus::Counter& failures;
  prometheus::Counter& given_up;
  prometheus::Counter& too_old;
};

/// Only of a process that analyses.
struct AnalysisSeries {
  explicit AnalysisSeries(prometheus::Registry& registry)
      : stale(
            gauge_in(registry, "packwalk_stale_windows", "Quarters of an hour of any device that wait for analysis.")),
        windows(counter_in(registry, "packwalk_analysis_windows_total",
                           "Quarters of an hour that this process has analysed.")),
        turns(counter_in(registry, "packwalk_analysis_turns_total",
                         "Times that this process has analysed a group of one device's windows.")),
        seconds(counter_in(registry, "packwalk_analysis_seconds_total",
                           "Seconds that this process has spent on analysis.")),
        failures(counter_in(registry, "packwalk_analysis_failures_total", "Attempts to analyse that failed.")),
        set_aside(gauge_in(registry, "packwalk_analysis_windows_set_aside",
                           "Stale windows of any device that could not be analysed; `packwalk doctor` names them.")) {}

  void set(const AnalysisLevels& levels) {
    stale.Set(static_cast<double>(levels.stale));
    set_aside.Set(static_cast<double>(levels.set_aside));
    windows.Increment(static_cast<double>(levels.windows) - windows.Value());
    turns.Increment(static_cast<double>(levels.turns) - turns.Value());
    seconds.Increment(std::chrono::duration<double>(levels.busy).count() - seconds.Value());
    failures.Increment(static_cast<double>(levels.failures) - failures.Value());
  }

  prometheus::Gauge& stale;
  prometheus::Counter& windows;
  prometheus::Counter& turns;
  prometheus::Counter& seconds;
  prometheus::Counter& failures;
  prometheus::Gauge& set_aside;
};

/// Named as the client libraries of Prometheus name them.
struct ProcessSeries {
  explicit ProcessSeries(prometheus::Registry& registry)
      : resident(gauge_in(registry, "process_resident_memory_bytes", "Resident memory of this process in bytes.")),
        files(gauge_in(registry, "process_open_fds", "Files and sockets that this process has open.")),
        started(gauge_in(registry, "process_start_time_seconds", "When this process started, in seconds since 1970.")),
        cpu(counter_in(registry, "process_cpu_seconds_total",
                       "User and system CPU time that this process used, in seconds.")) {}

  void set(const Levels::Process& levels) {
    resident.Set(static_cast<double>(levels.resident_bytes));
    files.Set(static_cast<double>(levels.open_files));
    started.Set(levels.started_at);
    cpu.Increment(levels.cpu_seconds - cpu.Value());
  }

  prometheus::Gauge& resident;
  prometheus::Gauge& files;
  prometheus::Gauge& started;
  prometheus::Counter& cpu;
};

}  // namespace packwalk
