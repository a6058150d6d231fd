// The LED shows whether the button is held.
const { Digital } = device.io;
const led = new Digital({ pin: device.pin.led, mode: Digital.Output });
const button = new Digital({
	pin: device.pin.button,
	mode: Digital.InputPullUp,
	edge: Digital.Rising | Digital.Falling,
	onReadable() {
		led.write(1 - this.read());
	},
});
led.write(1 - button.read());
console.log("ready");
