//! A battery monitor that is awake for some milliseconds an hour: it measures, keeps what it must know in storage, says so only when there is something to say, and goes to deep sleep, which loses
//! all of its memory. A divider halves the battery's voltage for the input; the board's pin "battery" is that input.
//!
//! Grants: adc:battery publish:battery/# storage:battery sleep
#![no_std]
#![no_main]

#[path = "../../src/iot-api/guest/iot1.rs"]
mod iot1;

use iot1::Error;

const SLEEP_US: i64 = 3_600_000_000;
const REFERENCE_MV: u32 = 3300;
const LOW_MV: u32 = 3300;
/// Reports after a change of so much, and each day.
const CHANGE_MV: u32 = 50;
const DAY: u32 = 24;
const SAMPLES: u32 = 8;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

fn kept(key: &str) -> Option<u32> {
    let mut bytes = [0u8; 4];
    match iot1::kv_get(key, &mut bytes) {
        Ok(4) => Some(u32::from_le_bytes(bytes)),
        _ => None,
    }
}

fn keep(key: &str, value: u32) -> Result<i32, Error> {
    iot1::kv_set(key, &value.to_le_bytes())
}

fn measure() -> Result<u32, Error> {
    let input = iot1::adc_open(iot1::pin_find("battery")?)?;
    let top = (1u32 << iot1::adc_bits(input)?) - 1;
    let mut sum = 0u32;
    for _ in 0..SAMPLES {
        sum += iot1::adc_read(input)? as u32;
    }
    iot1::close(input)?;
    Ok(sum * 2 * REFERENCE_MV / (SAMPLES * top))
}

fn put(text: &mut [u8], mut at: usize, more: &[u8]) -> usize {
    for &byte in more {
        text[at] = byte;
        at += 1;
    }
    at
}

fn put_number(text: &mut [u8], at: usize, value: u32) -> usize {
    let mut at = at;
    let mut divisor = 1;
    while value / divisor >= 10 {
        divisor *= 10;
    }
    while divisor > 0 {
        text[at] = b'0' + (value / divisor % 10) as u8;
        at += 1;
        divisor /= 10;
    }
    at
}

fn report(millivolts: u32, wakes: u32) -> Result<i32, Error> {
    let mut text = [0u8; 64];
    let mut at = put(&mut text, 0, b"{\"millivolts\":");
    at = put_number(&mut text, at, millivolts);
    at = put(&mut text, at, b",\"wakes\":");
    at = put_number(&mut text, at, wakes);
    at = put(&mut text, at, b"}");
    iot1::publish(if millivolts < LOW_MV { "battery/low" } else { "battery/level" }, &text[..at])
}

fn work() -> Result<i32, Error> {
    let wakes = kept("wakes").unwrap_or(0) + 1;
    keep("wakes", wakes)?;
    let now = measure()?;
    let told = kept("told");
    let since = kept("since").unwrap_or(0) + 1;
    let changed = match told {
        Some(before) => now + CHANGE_MV <= before || before + CHANGE_MV <= now,
        None => true,
    };
    if changed || since >= DAY {
        report(now, wakes)?;
        keep("told", now)?;
        keep("since", 0)?;
    } else {
        keep("since", since)?;
    }
    if iot1::wake_reason() != Ok(iot1::WAKE_TIMER) {
        iot1::confirm()?;
    }
    Ok(0)
}

/// Never returns where the board can sleep.
#[no_mangle]
pub extern "C" fn run() -> i32 {
    if let Err(Error(code)) = work() {
        let _ = iot1::log(if code == iot1::EPERM.0 { "a grant is missing" } else { "no measurement" });
    }
    match iot1::deep_sleep(SLEEP_US, -1, 0) {
        Ok(value) => value,
        Err(Error(code)) => code,
    }
}
