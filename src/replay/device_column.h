// Which column of a CSV file tells the device.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "replay/csv_sample.h"

namespace packwalk::replay {

/// By its usual name, or `nowhere`. A column `id` or `name` that has another value in each row, or none in some, tells
/// no device; `warnings` says so.
std::size_t device_column_of(const CsvSample& sample, std::vector<std::string>& warnings);

}  // namespace packwalk::replay
