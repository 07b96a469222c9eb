// A desktop program around a server: one thread that does everything in turn, as in WPF, and that may neither be blocked for long nor be waited for.
using System.Globalization;
using System.Net;
using RawWs;
using RawWs.Samples;

var port = args is [var number, ..] ? ushort.Parse(number, CultureInfo.InvariantCulture) : 3000;
using var window = new WindowThread();
var stopping = new TaskCompletionSource();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stopping.TrySetResult(); };

// Everything in here runs on the thread of the window.
await window.InvokeAsync(async () =>
{
    var ui = SynchronizationContext.Current!; // The window's.
    var said = new List<string>();            // What the window shows: only its thread touches it.

    await using var server = new WebSocketServer(new() { EndPoints = [new IPEndPoint(IPAddress.Loopback, port)] });
    server.Map("/notes", new WebSocketEvents
    {
        // The library calls on threads of its own, without any context: what is for the window is posted to it, as copies.
        OnMessage = (connection, message) =>
        {
            window.ThrowIfHere();
            var text = message.GetText();
            ui.Post(_ => Show(text), null);
            return default;
        },
    });

    // Awaiting comes back to the window's thread. Blocking it until the server has started or stopped works too: no continuation inside needs that thread.
    server.StartAsync().Wait();
    window.ThrowIfElsewhere();
    Console.WriteLine($"Notes at ws://{server.EndPoints[0]}/notes (Ctrl+C stops it, and so does the note 'stop')");

    await stopping.Task;
    window.ThrowIfElsewhere();
    server.StopAsync().Wait();
    Console.WriteLine($"{said.Count} notes, {window.PostCount - said.Count} other posts");

    void Show(string text)
    {
        window.ThrowIfElsewhere();
        said.Add(text);
        if (text == "stop")
            stopping.TrySetResult();
        else
            server.Everyone.Broadcast($"{said.Count}: {text}"); // From the window's thread: it waits for nobody.
    }
});
