// Contacts and joint walks as somebody would find them with PostGIS.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "walking_dogs.h"

namespace packwalk::bench {

/// The same dogs as fixes in metres of a plane that touches the ground in the middle of their town, and what queries
/// need that is made of the fixes, with indexes: where each dog was at each second, and lines of a minute with seconds
/// as M.
class PostgisWalks {
 public:
  PostgisWalks(const std::string& url, const WalkingDogs& dogs);

  struct Found {
    std::int64_t contacts = 0;
    std::int64_t near_seconds = 0;
    std::int64_t walks = 0;  // whether the dogs moved is not asked
    double seconds = 0;      // of PostgreSQL's cores, for the query alone
  };

  /// Joins points: equal second and ST_DWithin, by a GiST index on both.
  Found by_points() const;
  /// Joins lines: equal minute and ST_DWithin, by a GiST index on both, then ST_DistanceCPA; and looks at the seconds
  /// of those alone that come close, by ST_LocateAlong.
  Found by_lines() const;
  /// The same, but the seconds are those of the points.
  Found by_both() const;

  /// The same for making the tables of the fixes, with their indexes.
  double points_seconds() const { return points_seconds_; }
  double points_index_seconds() const { return points_index_seconds_; }
  double lines_seconds() const { return lines_seconds_; }

 private:
  Found found_by(const std::string& near) const;

  const std::string url_;
  const pid_t postgres_;
  double points_seconds_ = 0;
  double points_index_seconds_ = 0;
  double lines_seconds_ = 0;
};

}  // namespace packwalk::bench
