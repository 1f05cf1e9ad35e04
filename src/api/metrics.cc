#include "api/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <map>
#include <mutex>
#include <utility>

#include "api/level_series.h"
#include "api/request_series.h"
#include "http/request_counts.h"

namespace packwalk {
namespace {

const prometheus::Histogram::BucketBoundaries batch_sizes = {1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000};
const prometheus::Histogram::BucketBoundaries commit_seconds = {0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10};

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
    set_connections(levels.listeners);
    request_bytes_.Set(static_cast<double>(levels.request_bytes));
    response_bytes_.Set(static_cast<double>(levels.response_bytes));
    pool_jobs_.Set(static_cast<double>(levels.pool_jobs));
    bodies_.Set(static_cast<double>(levels.bodies));
    set_questions(levels.questions);
    if (levels.oldest_event_age) {
      oldest_event_age_.Set(std::chrono::duration<double>(*levels.oldest_event_age).count());
    }
    if (levels.queue.set_aside) {
      if (!set_aside_) set_aside_.emplace(registry_);
      set_aside_->set(*levels.queue.set_aside);
    }
    if (levels.archive) {
      if (!archive_) archive_.emplace(registry_);
      archive_->set(*levels.archive);
    }
    if (levels.analysis) {
      if (!analysis_) analysis_.emplace(registry_);
      analysis_->set(*levels.analysis);
    }
    if (levels.notify) {
      if (!notify_) notify_.emplace(registry_);
      notify_->set(*levels.notify);
    }
    if (levels.process) {
      if (!process_) process_.emplace(registry_);
      process_->set(*levels.process);
    }
    std::vector<prometheus::MetricFamily> all = registry_.Collect();
    const auto requests = requests_.all();
    all.push_back(family_of_requests(requests));
    all.push_back(family_of_times(requests));
    return prometheus::TextSerializer().Serialize(all);
  }

 private:
  void set_connections(const std::vector<Levels::Listener>& listeners) {
    for (const Levels::Listener& each : listeners) {
      connection_family_.Add({{"listener", std::string(each.name)}}).Set(static_cast<double>(each.connections));
    }
  }

  void set_questions(const std::array<std::uint64_t, job_end_count>& ends) {
    for (std::size_t i = 0; i < job_end_count; ++i) {
      questions_[i]->Increment(static_cast<double>(ends[i]) - questions_[i]->Value());
    }
  }

  prometheus::Gauge& gauge(const char* name, const char* help) { return gauge_in(registry_, name, help); }
  prometheus::Counter& counter(const char* name, const char* help) { return counter_in(registry_, name, help); }

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
  prometheus::Family<prometheus::Gauge>& connection_family_ = prometheus::BuildGauge()
                                                                  .Name("packwalk_connections")
                                                                  .Help("Connections that are open, by listener.")
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
  std::optional<SetAsideSeries> set_aside_;  // guarded by levels_mutex_
  std::optional<ArchiveSeries> archive_;     // likewise
  std::optional<AnalysisSeries> analysis_;   // likewise
  std::optional<NotifySeries> notify_;       // likewise
  std::optional<ProcessSeries> process_;     // likewise
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
