// Contacts and joint walks as somebody would find them with PostGIS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "walking_dogs.h"

namespace packwalk::bench {

/// Tables of the dogs' trajectories, in metres of a plane, with indexes: not counted in what a query takes.
class PostgisWalks {
 public:
  PostgisWalks(const std::string& url, const WalkingDogs& dogs);

  struct Found {
    std::int64_t contacts = 0;
    std::int64_t walks = 0;  // whether the dogs moved is not asked
    double seconds = 0;
  };

  /// Joins where each dog was at each second: equal second, and ST_DWithin; a GiST index on both.
  Found by_points() const;
  /// Joins lines of a minute: equal minute and ST_DWithin by a GiST index, then ST_DistanceCPA; looks at the seconds of
  /// those alone that come close.
  Found by_lines() const;

 private:
  Found found_by(const std::string& near) const;

  const std::string url_;
};

}  // namespace packwalk::bench
