#include "api/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <limits>
#include <map>
#include <mutex>
#include <utility>

#include "http/request_counts.h"

namespace packwalk {
namespace {

const prometheus::Histogram::BucketBoundaries batch_sizes = {1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000};
const prometheus::Histogram::BucketBoundaries commit_seconds = {0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10};

using Metric = prometheus::ClientMetric;

prometheus::MetricFamily family_of_requests(const std::vector<RequestCounts::OfRoute>& routes) {
  prometheus::MetricFamily family{"packwalk_http_requests_total",
                                  "Requests answered, by route and status code.",
                                  prometheus::MetricType::Counter,
                                  {}};
  for (const auto& route : routes) {
    for (const auto& [status, count] : route.by_status) {
      Metric& metric = family.metric.emplace_back();
      metric.label = {{"route", std::string(route.pattern)}, {"code", std::to_string(status)}};
      metric.counter.value = static_cast<double>(count);
    }
  }
  return family;
}

Metric::Histogram histogram_of(const RequestCounts::Times& times) {
  Metric::Histogram histogram;
  for (std::size_t i = 0; i < times.counts.size(); ++i) {
    histogram.sample_count += times.counts.at(i);
    const bool is_last = i == RequestCounts::bounds.size();
    const double bound = is_last ? std::numeric_limits<double>::infinity() : RequestCounts::bounds.at(i);
    histogram.bucket.push_back({histogram.sample_count, bound});
  }
  histogram.sample_sum = times.seconds;
  return histogram;
}

prometheus::MetricFamily family_of_times(const std::vector<RequestCounts::OfRoute>& routes) {
  prometheus::MetricFamily family{"packwalk_http_request_duration_seconds",
                                  "From the end of a request's head until its answer begins to be sent, by route and "
                                  "class of status.",
                                  prometheus::MetricType::Histogram,
                                  {}};
  for (const auto& route : routes) {
    for (std::size_t i = 0; i < route.by_class.size(); ++i) {
      if (route.by_class.at(i).count() == 0) continue;
      Metric& metric = family.metric.emplace_back();
      metric.label = {{"route", std::string(route.pattern)}, {"class", std::to_string(i + 1) + "xx"}};
      metric.histogram = histogram_of(route.by_class.at(i));
    }
  }
  return family;
}

}  // namespace

class Metrics::Families {
 public:
  explicit Families(const Build& build) {
    prometheus::BuildGauge()
        .Name("packwalk_build_info")
        .Help("1, of the version, the commit and the role of this process.")
        .Register(registry_)
        .Add({{"version", build.version}, {"commit", build.commit}, {"role", build.role}})
        .Set(1);
    for (std::size_t i = 0; i < job_end_count; ++i) {
      questions_[i] = &question_family_.Add({{"end", std::string(name_of(static_cast<JobEnd>(i)))}});
    }
    for (std::size_t kind = 0; kind < message_kind_count; ++kind) {
      for (std::size_t verdict = 0; verdict < verdict_count; ++verdict) {
        packets_[kind][verdict] =
            &packet_family_.Add({{"kind", kind == 0 ? "none" : std::string(name_of(static_cast<Family>(kind)))},
                                 {"verdict", std::string(name_of(static_cast<Verdict>(verdict)))}});
      }
    }
  }

  std::function<void(const AnsweredRequest&)> observer_of(const std::vector<Route>& routes) {
    return requests_.observer_of(routes);
  }

  void count_mqtt_auth(std::string_view question, std::string_view answer) {
    const std::lock_guard lock(mutex_);
    prometheus::Counter*& counter = mqtt_answers_[{question, answer}];
    if (!counter) {
      counter = &mqtt_family_.Add({{"question", std::string(question)}, {"answer", std::string(answer)}});
    }
    counter->Increment();
  }

  void count_device_refusal(std::string_view door, std::string_view limit) {
    const std::lock_guard lock(mutex_);
    prometheus::Counter*& counter = refusals_[{door, limit}];
    if (!counter) counter = &refusal_family_.Add({{"door", std::string(door)}, {"limit", std::string(limit)}});
    counter->Increment();
  }

  void count_log_in_failure(std::string_view cause) {
    const std::lock_guard lock(mutex_);
    prometheus::Counter*& counter = log_in_failures_[cause];
    if (!counter) counter = &log_in_family_.Add({{"cause", std::string(cause)}});
    counter->Increment();
  }

  void count_batch(const Result<IngestReport>& report) {
    if (!report) {
      failures_.Increment();
      return;
    }
    for (std::size_t kind = 0; kind < message_kind_count; ++kind) {
      for (std::size_t verdict = 0; verdict < verdict_count; ++verdict) {
        const auto count = report->counts[kind][verdict];
        if (count > 0) packets_[kind][verdict]->Increment(static_cast<double>(count));
      }
    }
    erased_.Increment(static_cast<double>(report->erased));
    sizes_.Observe(static_cast<double>(report->messages));
    seconds_.Observe(std::chrono::duration<double>(report->duration).count());
  }

  std::string text(const Levels& levels) {
    const std::lock_guard lock(levels_mutex_);
    queue_messages_.Set(static_cast<double>(levels.queue.messages));
    queue_bytes_.Set(static_cast<double>(levels.queue.bytes));
    dead_letters_.Increment(static_cast<double>(levels.queue.dead) - dead_letters_.Value());
    oldest_age_.Set(std::chrono::duration<double>(levels.queue.oldest_age).count());
    devices_.Set(static_cast<double>(levels.devices));
    positions_.Set(static_cast<double>(levels.positions));
    connections_.Set(static_cast<double>(levels.connections));
    request_bytes_.Set(static_cast<double>(levels.request_bytes));
    response_bytes_.Set(static_cast<double>(levels.response_bytes));
    pool_jobs_.Set(static_cast<double>(levels.pool_jobs));
    bodies_.Set(static_cast<double>(levels.bodies));
    set_questions(levels.questions);
    if (levels.oldest_event_age) {
      oldest_event_age_.Set(std::chrono::duration<double>(*levels.oldest_event_age).count());
    }
    if (levels.queue.set_aside) {
      if (!set_aside_) set_aside_.emplace(*this);
      set_aside_->letters.Set(static_cast<double>(levels.queue.set_aside->letters));
      set_aside_->damaged.Set(static_cast<double>(levels.queue.set_aside->damaged));
    }
    if (levels.archive) {
      if (!archive_) archive_.emplace(*this);
      archive_->set(*levels.archive);
    }
    if (levels.analysis) {
      if (!analysis_) analysis_.emplace(*this);
      analysis_->set(*levels.analysis);
    }
    if (levels.notify) {
      if (!notify_) notify_.emplace(*this);
      notify_->set(*levels.notify);
    }
    if (levels.process) {
      if (!process_) process_.emplace(*this);
      process_->set(*levels.process);
    }
    std::vector<prometheus::MetricFamily> all = registry_.Collect();
    const auto requests = requests_.all();
    all.push_back(family_of_requests(requests));
    all.push_back(family_of_times(requests));
    return prometheus::TextSerializer().Serialize(all);
  }

 private:
  void set_questions(const std::array<std::uint64_t, job_end_count>& ends) {
    for (std::size_t i = 0; i < job_end_count; ++i) {
      questions_[i]->Increment(static_cast<double>(ends[i]) - questions_[i]->Value());
    }
  }

  prometheus::Gauge& gauge(const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry_).Add({});
  }

  prometheus::Counter& counter(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry_).Add({});
  }

  /// Only of a process that has the queue in files.
  struct SetAside {
    explicit SetAside(Families& all)
        : letters(all.gauge("packwalk_queue_dead",
                            "Dead letters in the data folder: requests that could not be committed and wait for the "
                            "operator.")),
          damaged(all.gauge("packwalk_queue_damaged_files",
                            "Files of the journal in the data folder in which something confirmed cannot be read.")) {}

    prometheus::Gauge& letters;
    prometheus::Gauge& damaged;
  };

  /// Only of a process that copies.
  struct Archive {
    explicit Archive(Families& all)
        : backlog(all.gauge("packwalk_archive_backlog_messages",
                            "Messages committed, by any process, and not yet in the archive.")),
          oldest_age(all.gauge("packwalk_archive_oldest_seconds",
                               "Age of the oldest message that is committed and not yet in the archive.")),
          copied(
              all.counter("packwalk_archive_messages_total", "Messages that this process has copied to the archive.")),
          failures(all.counter("packwalk_archive_failures_total", "Attempts to copy to the archive that failed.")) {}

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
  struct Notify {
    explicit Notify(Families& all)
        : waiting(all.gauge("packwalk_notifications_waiting", "Events that are not delivered yet, of all devices.")),
          oldest_age(all.gauge("packwalk_notifications_oldest_seconds", "Age of the oldest of these events.")),
          sent(all.counter("packwalk_notifications_sent_total", "Events that this process has delivered.")),
          failures(all.counter("packwalk_notification_failures_total", "Attempts to deliver an event that failed.")),
          given_up(all.counter("packwalk_notifications_given_up_total",
                               "Events that this process has given up after a day of attempts or a final refusal.")) {}

    void set(const Levels::Notify& levels) {
      waiting.Set(static_cast<double>(levels.waiting));
      oldest_age.Set(std::chrono::duration<double>(levels.oldest_age).count());
      sent.Increment(static_cast<double>(levels.sent) - sent.Value());
      failures.Increment(static_cast<double>(levels.failures) - failures.Value());
      given_up.Increment(static_cast<double>(levels.given_up) - given_up.Value());
    }

    prometheus::Gauge& waiting;
    prometheus::Gauge& oldest_age;
    prometheus::Counter& sent;
    prometheus::Counter& failures;
    prometheus::Counter& given_up;
  };

  /// Only of a process that analyses.
  struct Analysis {
    explicit Analysis(Families& all)
        : stale(all.gauge("packwalk_stale_windows", "Quarters of an hour of any device that wait for analysis.")),
          windows(
              all.counter("packwalk_analysis_windows_total", "Quarters of an hour that this process has analysed.")),
          turns(all.counter("packwalk_analysis_turns_total",
                            "Times that this process has analysed a group of one device's windows.")),
          seconds(all.counter("packwalk_analysis_seconds_total", "Seconds that this process has spent on analysis.")),
          failures(all.counter("packwalk_analysis_failures_total", "Attempts to analyse that failed.")),
          set_aside(
              all.gauge("packwalk_analysis_windows_set_aside",
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
  struct Process {
    explicit Process(Families& all)
        : resident(all.gauge("process_resident_memory_bytes", "Resident memory of this process in bytes.")),
          files(all.gauge("process_open_fds", "Files and sockets that this process has open.")),
          started(all.gauge("process_start_time_seconds", "When this process started, in seconds since 1970.")),
          cpu(all.counter("process_cpu_seconds_total",
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

  prometheus::Registry registry_;
  RequestCounts requests_;
  prometheus::Family<prometheus::Counter>& packet_family_ =
      prometheus::BuildCounter()
          .Name("packwalk_packets_total")
          .Help("Messages committed, by the kind of their packet and their verdict.")
          .Register(registry_);
  prometheus::Family<prometheus::Counter>& log_in_family_ = prometheus::BuildCounter()
                                                                .Name("packwalk_log_in_failures_total")
                                                                .Help("Requests that were refused for their token.")
                                                                .Register(registry_);
  prometheus::Family<prometheus::Counter>& mqtt_family_ =
      prometheus::BuildCounter()
          .Name("packwalk_mqtt_auth_total")
          .Help("Requests of the broker about collars that speak MQTT, by what it asked and the answer.")
          .Register(registry_);
  prometheus::Family<prometheus::Counter>& refusal_family_ =
      prometheus::BuildCounter()
          .Name("packwalk_device_refusals_total")
          .Help("Requests of devices that were answered 503 as a limit was reached, by door and limit.")
          .Register(registry_);
  prometheus::Counter& failures_ = prometheus::BuildCounter()
                                       .Name("packwalk_commit_failures_total")
                                       .Help("Batches that could not be committed.")
                                       .Register(registry_)
                                       .Add({});
  prometheus::Counter& erased_ =
      counter("packwalk_erased_messages_total", "Messages of erased devices, of which nothing was kept.");
  prometheus::Histogram& sizes_ = prometheus::BuildHistogram()
                                      .Name("packwalk_commit_messages")
                                      .Help("Messages per commit.")
                                      .Register(registry_)
                                      .Add({}, batch_sizes);
  prometheus::Histogram& seconds_ = prometheus::BuildHistogram()
                                        .Name("packwalk_commit_seconds")
                                        .Help("From taking a batch to its commit being on disk.")
                                        .Register(registry_)
                                        .Add({}, commit_seconds);
  prometheus::Gauge& queue_messages_ = gauge("packwalk_queue_messages", "Messages taken in and not yet committed.");
  prometheus::Gauge& queue_bytes_ =
      gauge("packwalk_queue_bytes", "Bytes of the requests taken in and not yet committed.");
  prometheus::Counter& dead_letters_ =
      counter("packwalk_dead_letters_total", "Requests that this process has set aside as dead letters.");
  prometheus::Gauge& oldest_age_ = gauge("packwalk_queue_oldest_seconds", "Age of the oldest request that waits.");
  prometheus::Gauge& devices_ = gauge("packwalk_devices", "Devices that are registered, removed ones included.");
  prometheus::Gauge& positions_ = gauge("packwalk_positions", "Devices whose position is known.");
  prometheus::Gauge& connections_ = gauge("packwalk_http_connections", "Connections that are open on http.listen.");
  prometheus::Gauge& request_bytes_ =
      gauge("packwalk_http_request_bytes", "Bytes of large requests under way, as http.bodies_bytes_max counts them.");
  prometheus::Gauge& response_bytes_ =
      gauge("packwalk_http_response_bytes",
            "Bytes of large responses not sent yet, as http.responses_bytes_max counts them.");
  prometheus::Gauge& pool_jobs_ = gauge("packwalk_pool_jobs", "Questions to the store that run or wait.");

  prometheus::Gauge& bodies_ = gauge("packwalk_large_bodies", "Large bodies that are decoded or wait for it.");
  prometheus::Gauge& oldest_event_age_ =
      gauge("packwalk_events_oldest_seconds",
            "Age of the oldest event that is not delivered to everybody who is to be notified of it.");

  prometheus::Family<prometheus::Counter>& question_family_ = prometheus::BuildCounter()
                                                                  .Name("packwalk_questions_total")
                                                                  .Help("Questions to the store, by how they ended.")
                                                                  .Register(registry_);
  std::array<prometheus::Counter*, job_end_count> questions_{};  // incremented under levels_mutex_
  std::array<std::array<prometheus::Counter*, verdict_count>, message_kind_count> packets_{};
  std::mutex levels_mutex_;
  std::optional<SetAside> set_aside_;  // guarded by levels_mutex_
  std::optional<Archive> archive_;     // guarded by levels_mutex_
  std::optional<Analysis> analysis_;   // likewise
  std::optional<Notify> notify_;       // likewise
  std::optional<Process> process_;     // likewise
  std::mutex mutex_;
  // Guarded by mutex_; the keys are literals.
  std::map<std::pair<std::string_view, std::string_view>, prometheus::Counter*> mqtt_answers_;
  std::map<std::pair<std::string_view, std::string_view>, prometheus::Counter*> refusals_;
  std::map<std::string_view, prometheus::Counter*> log_in_failures_;
};

Metrics::Metrics(const Build& build) : families_(std::make_unique<Families>(build)) {}
Metrics::~Metrics() = default;

std::function<void(const AnsweredRequest&)> Metrics::observer_of(const std::vector<Route>& routes) {
  return families_->observer_of(routes);
}
void Metrics::count_mqtt_auth(std::string_view question, std::string_view answer) {
  families_->count_mqtt_auth(question, answer);
}
void Metrics::count_device_refusal(std::string_view door, std::string_view limit) {
  families_->count_device_refusal(door, limit);
}
void Metrics::count_log_in_failure(std::string_view cause) { families_->count_log_in_failure(cause); }
void Metrics::count_batch(const Result<IngestReport>& report) { families_->count_batch(report); }
std::string Metrics::text(const Levels& levels) { return families_->text(levels); }

}  // namespace packwalk
