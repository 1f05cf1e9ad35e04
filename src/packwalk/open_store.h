// Which store an installation has.
#pragma once

#include <memory>

#include "packwalk/data_directory.h"
#include "ports/store.h"

namespace packwalk {

std::unique_ptr<Store> open_store(const DataDirectory& directory);

}  // namespace packwalk
