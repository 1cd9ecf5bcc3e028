//! Attribution of quantities, against every way to assign whole amounts to the chains.

use std::collections::BTreeMap;

use throughline::Error;
use throughline::analysis::flow::{Amount, Attribution, Delivery, Quantity, Route, Share, Supply};

fn attribute(supply: &Supply) -> Attribution {
    throughline::analysis::flow::attribute(supply, &|| Ok(())).expect("nothing stops it")
}

/// Whole amounts, as the brute force counts them.
type Whole = i64;

fn amount(whole: Whole) -> Amount {
    Amount::of_int(whole).expect("a small amount")
}

fn whole(amount: Amount) -> Whole {
    amount.as_int().expect("whole amounts give whole bounds")
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % n as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn amount(&mut self) -> Amount {
        let whole = self.below(5);
        amount(whole as Whole)
    }
}

/// What is known of a random quantity.
fn quantity(dice: &mut Dice, is_exact: bool) -> Quantity {
    let least = dice.amount();
    match dice.below(if is_exact { 1 } else { 5 }) {
        0 | 1 => Quantity::exactly(least),
        2 => Quantity { least, most: None },
        3 => Quantity { least: Amount::ZERO, most: Some(least) },
        _ => Quantity::UNKNOWN,
    }
}

/// Up to three departures of two origins, unloaded in one of two calls, to up to three deliveries
/// at two places. Limits 0 to 2 are the departures, 3 and 4 the calls, the others the deliveries'.
fn random(seed: u64, is_exact: bool) -> Supply {
    let mut dice = Dice(seed);
    let has_calls = dice.one_in(2);
    let mut limits: Vec<Option<Amount>> = Vec::new();
    for limit in 0..8 {
        let is_known = dice.one_in(2) && (has_calls || !(3..5).contains(&limit));
        limits.push(is_known.then(|| dice.amount()));
    }
    let deliveries: Vec<Delivery> = (0..1 + dice.below(3))
        .map(|at| Delivery { destination: at % 2, quantity: quantity(&mut dice, is_exact) })
        .collect();
    let mut routes = Vec::new();
    for _ in 0..1 + dice.below(5) {
        let (departure, call, delivery) = (dice.below(3), 3 + dice.below(2), dice.below(deliveries.len()));
        let limits = vec![departure, call, 5 + delivery];
        let route = Route { origin: departure % 2, departure, limits, delivery };
        if !routes.contains(&route) {
            routes.push(route);
        }
    }
    Supply { limits, deliveries, routes, is_closed: dice.one_in(2) }
}

/// How much the deliveries take: a world.
type World = Vec<Whole>;

/// More than a question of this size can hold, for what nothing bounds.
const PLENTY: Whole = 40;

/// Calls `found` with every assignment of whole amounts to chains that keeps all limits.
fn assignments(
    supply: &Supply,
    world: &World,
    may_flow: &dyn Fn(&Route) -> bool,
    found: &mut dyn FnMut(&[Whole]),
) {
    let limits = supply.limits.iter().map(|limit| limit.map_or(PLENTY, whole)).collect::<Vec<_>>();
    let mut amounts = Vec::new();
    assign(supply, &mut limits.clone(), &mut world.clone(), may_flow, &mut amounts, found);
}

fn assign(
    supply: &Supply,
    limits: &mut [Whole],
    world: &mut [Whole],
    may_flow: &dyn Fn(&Route) -> bool,
    amounts: &mut Vec<Whole>,
    found: &mut dyn FnMut(&[Whole]),
) {
    let Some(route) = supply.routes.get(amounts.len()) else { return found(amounts) };
    let room = route.limits.iter().map(|&limit| limits[limit]).min().unwrap_or(PLENTY);
    let most = if may_flow(route) { room.min(world[route.delivery]) } else { 0 };
    for amount in 0..=most {
        let mut take = |amount: Whole| {
            route.limits.iter().for_each(|&limit| limits[limit] -= amount);
            world[route.delivery] -= amount;
        };
        take(amount);
        amounts.push(amount);
        assign(supply, limits, world, may_flow, amounts, found);
        amounts.pop();
        route.limits.iter().for_each(|&limit| limits[limit] += amount);
        world[route.delivery] += amount;
    }
}

fn most_of(supply: &Supply, world: &World, may_flow: &dyn Fn(&Route) -> bool) -> Whole {
    let mut most = 0;
    assignments(supply, world, may_flow, &mut |amounts| most = most.max(amounts.iter().sum()));
    most
}

fn destination(supply: &Supply, route: &Route) -> usize {
    supply.deliveries[route.delivery].destination
}

/// What is known to have been delivered, and no more.
fn least_world(supply: &Supply) -> World {
    supply.deliveries.iter().map(|delivery| whole(delivery.quantity.least)).collect()
}

/// Worlds that are consistent with what is known, the unbounded ones cut short.
fn worlds(supply: &Supply) -> Vec<World> {
    supply.deliveries.iter().fold(vec![World::new()], |worlds, delivery| {
        let least = whole(delivery.quantity.least);
        let most = delivery.quantity.most.map_or(least + 2, whole);
        let with = |world: &World| {
            let world = world.clone();
            (least..=most).map(move |amount| world.iter().copied().chain([amount]).collect())
        };
        worlds.iter().flat_map(with).collect()
    })
}

fn pair_of(share: &Share) -> (Option<usize>, usize) {
    (share.origin, share.destination)
}

fn without_limits(supply: &Supply, limits: &[usize]) -> Supply {
    let mut supply = supply.clone();
    limits.iter().for_each(|&limit| supply.limits[limit] = None);
    supply
}

#[test]
fn most_is_the_greatest_assignment_of_all() {
    let mut with_limits_left_out = 0;
    for seed in 0..3000 {
        let supply = random(seed, false);
        let found = attribute(&supply);
        with_limits_left_out += usize::from(!found.left_out.is_empty());
        let network = without_limits(&supply, &found.left_out);
        let widest: World =
            supply.deliveries.iter().map(|delivery| delivery.quantity.most.map_or(PLENTY, whole)).collect();
        for share in found.shares.iter().filter(|share| share.origin.is_some()) {
            let of_pair = |route: &Route| {
                (Some(route.origin), destination(&supply, route)) == (share.origin, share.destination)
            };
            let unbounded = |route: &Route| {
                let limits = route.limits.iter().map(|&limit| network.limits[limit]);
                of_pair(route)
                    && limits
                        .chain([supply.deliveries[route.delivery].quantity.most])
                        .all(|limit| limit.is_none())
            };
            match share.most {
                None => assert!(network.routes.iter().any(unbounded), "seed {seed}: {share:?}\n{supply:?}"),
                Some(most) => {
                    assert!(!network.routes.iter().any(unbounded), "seed {seed}: {share:?}\n{supply:?}");
                    let brute = most_of(&network, &widest, &of_pair);
                    assert_eq!(whole(most), brute, "seed {seed}: {share:?}\n{supply:?}");
                    // Leaving limits out never makes it too small.
                    assert!(whole(most) >= most_of(&supply, &widest, &of_pair), "seed {seed}");
                }
            }
        }
    }
    assert!((10..1000).contains(&with_limits_left_out), "{with_limits_left_out}");
}

#[test]
fn least_is_never_more_than_what_came_in_any_world_that_explains_all_it_can() {
    let (mut positive, mut attained) = (0, 0);
    for seed in 0..1500 {
        let supply = Supply { is_closed: true, ..random(seed, false) };
        let found = attribute(&supply);
        let network = without_limits(&supply, &found.left_out);
        let mut least: BTreeMap<(Option<usize>, usize), Whole> = BTreeMap::new();
        for world in worlds(&supply) {
            let total = most_of(&network, &world, &|_| true);
            assignments(&network, &world, &|_| true, &mut |amounts| {
                if amounts.iter().sum::<Whole>() == total {
                    for share in found.shares.iter().filter(|share| share.origin.is_some()) {
                        let of_pair = |route: &Route| {
                            (Some(route.origin), destination(&supply, route)) == pair_of(share)
                        };
                        let routes = network.routes.iter().zip(amounts);
                        let came = routes.filter(|(route, _)| of_pair(route)).map(|(_, amount)| amount).sum();
                        let least = least.entry(pair_of(share)).or_insert(came);
                        *least = came.min(*least);
                    }
                }
            });
        }
        for share in found.shares.iter().filter(|share| share.origin.is_some()) {
            let (found, brute) = (whole(share.least), least[&pair_of(share)]);
            assert!(found <= brute, "seed {seed}: {share:?}, but {brute}\n{supply:?}");
            positive += usize::from(found > 0);
            attained += usize::from(brute > 0 && found == brute);
        }
    }
    assert!(positive > 100, "{positive}");
    assert!(attained > 100, "{attained} of {positive}");
}

#[test]
fn where_all_can_be_explained_least_is_the_delivered_less_the_flow_of_all_others() {
    let mut tried = 0;
    for seed in 0..3000 {
        let supply = Supply { is_closed: true, ..random(seed, true) };
        let found = attribute(&supply);
        let network = without_limits(&supply, &found.left_out);
        let world = least_world(&supply);
        if most_of(&network, &world, &|_| true) < world.iter().sum() {
            assert!(found.beyond > Amount::ZERO, "seed {seed}");
            continue;
        }
        assert_eq!(found.beyond, Amount::ZERO, "seed {seed}");
        tried += 1;
        for share in found.shares.iter().filter(|share| share.origin.is_some()) {
            let others = most_of(&network, &world, &|route| {
                destination(&supply, route) == share.destination && Some(route.origin) != share.origin
            });
            assert_eq!(
                whole(share.least),
                whole(share.delivered.least) - others,
                "seed {seed}: {share:?}\n{supply:?}"
            );
        }
    }
    assert!(tried > 500, "{tried}");
}

#[test]
fn an_origin_more_never_raises_the_least_of_the_others() {
    for seed in 0..2000 {
        let supply = Supply { is_closed: true, ..random(seed, true) };
        let before = attribute(&supply);
        if before.beyond > Amount::ZERO {
            continue;
        }
        let mut more = supply.clone();
        let mut dice = Dice(seed);
        let limit = more.limits.len();
        more.limits.push(dice.one_in(2).then(|| dice.amount()));
        let delivery = dice.below(supply.deliveries.len());
        let limits = vec![limit, 5 + delivery];
        more.routes.push(Route { origin: 9, departure: limit, limits, delivery });
        let after = attribute(&more);
        for share in before.shares.iter().filter(|share| share.origin.is_some()) {
            let same = after.shares.iter().find(|other| pair_of(other) == pair_of(share));
            let same = same.expect("no pair gets lost");
            assert!(same.least <= share.least, "seed {seed}: {share:?} {same:?}\n{more:?}");
        }
    }
}

#[test]
fn pro_rata_lies_between_the_bounds_and_adds_up() {
    for seed in 0..3000 {
        let supply = random(seed, false);
        let found = attribute(&supply);
        for place in 0..2 {
            let shares: Vec<&Share> =
                found.shares.iter().filter(|share| share.destination == place).collect();
            for share in &shares {
                let (least, most) =
                    (share.least.as_float(), share.most.map_or(f64::INFINITY, Amount::as_float));
                let pro_rata = share.pro_rata.unwrap_or(least);
                assert!((least..=most).contains(&pro_rata), "seed {seed}: {share:?}\n{supply:?}");
            }
            if let Some(first) = shares.first().filter(|share| share.pro_rata.is_some()) {
                let sum: f64 = shares.iter().filter_map(|share| share.pro_rata).sum();
                let delivered = first.delivered.least.as_float();
                assert!((sum - delivered).abs() < 1e-6, "seed {seed}: {shares:?}\n{supply:?}");
            }
        }
        // The split explains as much as can be explained.
        let network = without_limits(&supply, &found.left_out);
        let origins = found.shares.iter().filter(|share| share.origin.is_some());
        let explained: f64 = origins.filter_map(|share| share.pro_rata).sum();
        let most = most_of(&network, &least_world(&supply), &|_| true) as f64;
        assert!((explained - most).abs() < 1e-6, "seed {seed}: {explained}, not {most}\n{supply:?}");
    }
}

#[test]
fn the_order_of_chains_and_deliveries_does_not_matter() {
    for seed in 0..1000 {
        let supply = random(seed, false);
        let mut turned = supply.clone();
        let last = supply.deliveries.len() - 1;
        turned.routes.reverse();
        turned.deliveries.reverse();
        turned.routes.iter_mut().for_each(|route| route.delivery = last - route.delivery);
        // The limits are numbered the other way round as well.
        turned.limits.reverse();
        for route in &mut turned.routes {
            route.limits.iter_mut().for_each(|limit| *limit = supply.limits.len() - 1 - *limit);
            route.departure = supply.limits.len() - 1 - route.departure;
        }
        let (one, other) = (attribute(&supply), attribute(&turned));
        assert_eq!(one.shares.len(), other.shares.len());
        for (a, b) in one.shares.iter().zip(&other.shares) {
            let (p, q) = (a.pro_rata.unwrap_or(-1.0), b.pro_rata.unwrap_or(-1.0));
            assert!((p - q).abs() < 1e-6, "seed {seed}: {a:?} {b:?}\n{supply:?}");
            assert_eq!(
                Share { pro_rata: None, ..a.clone() },
                Share { pro_rata: None, ..b.clone() },
                "seed {seed}"
            );
        }
    }
}

/// A departure of each origin, and a delivery to a place of its own for each quantity.
fn direct(limits: &[Option<Whole>], quantities: &[Whole], routes: &[(usize, usize)]) -> Supply {
    Supply {
        limits: limits.iter().map(|limit| limit.map(amount)).collect(),
        deliveries: (quantities.iter().enumerate())
            .map(|(at, &whole)| Delivery { destination: at, quantity: Quantity::exactly(amount(whole)) })
            .collect(),
        routes: (routes.iter())
            .map(|&(origin, delivery)| Route { origin, departure: origin, limits: vec![origin], delivery })
            .collect(),
        is_closed: false,
    }
}

/// A row: origin and destination, `least`, pro rata, `most`.
type Numbers = (Option<usize>, usize, Whole, f64, Option<Whole>);

fn numbers(found: &Attribution) -> Vec<Numbers> {
    let row = |share: &Share| {
        let pro_rata = share.pro_rata.expect("all is known");
        (share.origin, share.destination, whole(share.least), pro_rata, share.most.map(whole))
    };
    found.shares.iter().map(row).collect()
}

#[test]
fn two_destinations_share_what_a_ship_carried() {
    let supply = direct(&[Some(100)], &[100, 100], &[(0, 0), (0, 1)]);
    assert_eq!(
        numbers(&attribute(&supply)),
        [
            (Some(0), 0, 0, 50.0, Some(100)),
            (None, 0, 0, 50.0, Some(100)),
            (Some(0), 1, 0, 50.0, Some(100)),
            (None, 1, 0, 50.0, Some(100)),
        ]
    );
}

#[test]
fn the_split_gives_way_where_another_could_not_be_explained() {
    // The second place can only have got its goods from the second origin.
    let supply = direct(&[Some(1), Some(1)], &[1, 1], &[(0, 0), (1, 0), (1, 1)]);
    let supply = Supply { is_closed: true, ..supply };
    assert_eq!(
        numbers(&attribute(&supply)),
        [
            (Some(0), 0, 0, 1.0, Some(1)),
            (Some(1), 0, 0, 0.0, Some(1)),
            (None, 0, 0, 0.0, Some(0)),
            (Some(1), 1, 1, 1.0, Some(1)),
            (None, 1, 0, 0.0, Some(0)),
        ]
    );
}

#[test]
fn the_work_can_be_stopped() {
    let supply = direct(&[None], &[1], &[(0, 0)]);
    let stopped = throughline::analysis::flow::attribute(&supply, &|| Err(Error::interrupted("enough")));
    assert_eq!(stopped, Err(Error::interrupted("enough")));
}

#[test]
fn thirds_add_up() {
    let routes = [(0, 0), (1, 0), (2, 0)];
    for quantity in [1, 100, 999_999_999] {
        let found = attribute(&direct(&[None, None, None], &[quantity], &routes));
        let rest = found.shares.last().expect("a row of what is not explained");
        assert_eq!((rest.origin, rest.pro_rata), (None, Some(0.0)));
        let third = found.shares[0].pro_rata.expect("it is known");
        assert!((third * 3.0 - quantity as f64).abs() < 1e-11 * quantity as f64, "{third}");
    }
}
