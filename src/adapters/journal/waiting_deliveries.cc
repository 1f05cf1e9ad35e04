#include "adapters/journal/waiting_deliveries.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <thread>
#include <utility>

namespace packwalk::journal {
namespace {

constexpr std::chrono::milliseconds memory_pause{10};

}  // namespace

template <class Places>
typename Places::value_type& WaitingDeliveries::hold_in(Places& places, Delivery&& delivery) {
  auto& place = places.emplace_back();
  try {
    held_.add(delivery);
  } catch (...) {
    places.pop_back();
    throw;
  }
  place.delivery = std::move(delivery);
  return place;
}

const Delivery* WaitingDeliveries::oldest() const {
  if (!ready_.empty()) return &ready_.front().delivery;
  return arrived_.empty() ? nullptr : &arrived_.front().delivery;
}

void WaitingDeliveries::add_arrived(Delivery&& delivery, Confirmation&& confirm) {
  hold_in(arrived_, std::move(delivery)).confirm = std::move(confirm);
}

void WaitingDeliveries::add_ready(Delivery&& delivery, SegmentNumber segment, Confirmation&& confirm) {
  Ready& place = hold_in(ready_, std::move(delivery));
  place.segment = segment;
  place.confirm = std::move(confirm);
}

void WaitingDeliveries::add_left(Delivery&& delivery, SegmentNumber segment) {
  add_ready(std::move(delivery), segment, nullptr);
  ++unsettled_[segment];
  ++left_;
  last_left_ = segment;
}

void WaitingDeliveries::hand_on(std::span<Arrived> group, SegmentNumber segment) {
  const std::size_t before = ready_.size();
  ready_.resize(before + group.size());
  try {
    unsettled_[segment] += group.size();
  } catch (...) {
    ready_.resize(before);
    throw;
  }
  for (std::size_t i = 0; i < group.size(); ++i) {
    ready_[before + i].delivery = std::move(group[i].delivery);
    ready_[before + i].segment = segment;
  }
}

bool WaitingDeliveries::hold_all(std::span<const Arrived> group) {
  std::size_t count = 0;
  try {
    for (; count < group.size(); ++count) held_.add(group[count].delivery);
  } catch (const std::bad_alloc&) {
    remove(group.first(count));
    return false;
  }
  return true;
}

void WaitingDeliveries::remove(std::span<const Arrived> group) {
  for (const Arrived& each : group) held_.remove(each.delivery);
}

DeliveryBatch WaitingDeliveries::take(std::size_t messages_max, std::size_t deliveries_max) {
  DeliveryBatch batch;
  std::size_t count = 0;
  for (std::size_t messages = 0; count < ready_.size(); ++count) {
    messages += ready_[count].delivery.messages.size();
    if (count > 0 && (messages > messages_max || count == deliveries_max)) break;
  }
  batch.deliveries.reserve(count);  // what is thrown is thrown before anything is moved
  batch.tags.reserve(count);
  batch.confirmations.reserve(count);
  for (; count > 0; --count, ready_.pop_front()) {
    batch.deliveries.push_back(std::move(ready_.front().delivery));
    batch.tags.push_back(ready_.front().segment);
    batch.confirmations.push_back(std::move(ready_.front().confirm));
  }
  return batch;
}

void WaitingDeliveries::settle(const DeliveryBatch& batch) {
  for (std::size_t i = 0; i < batch.deliveries.size(); ++i) {
    const SegmentNumber segment = batch.tags[i];
    held_.remove(batch.deliveries[i]);
    if (segment != no_segment && segment <= last_left_ && left_ > 0) --left_;
    const auto count = unsettled_.find(segment);
    if (count != unsettled_.end() && --count->second == 0) unsettled_.erase(count);
  }
}

void WaitingDeliveries::give_back(DeliveryBatch batch) {
  const auto in_journal =
      std::count_if(batch.tags.begin(), batch.tags.end(), [](std::uint64_t tag) { return tag != no_segment; });
  make_room_in_front(static_cast<std::size_t>(in_journal));
  auto place = ready_.begin();
  for (std::size_t i = 0; i < batch.deliveries.size(); ++i) {
    if (batch.tags[i] == no_segment) {
      held_.remove(batch.deliveries[i]);
      continue;
    }
    place->delivery = std::move(batch.deliveries[i]);
    place->delivery.redelivered = true;
    place->segment = batch.tags[i];
    ++place;
  }
}

void WaitingDeliveries::make_room_in_front(std::size_t count) {
  while (true) {
    try {
      ready_.insert(ready_.begin(), count, Ready());
      return;
    } catch (const std::bad_alloc&) {
      std::this_thread::sleep_for(memory_pause);
    }
  }
}

}  // namespace packwalk::journal
