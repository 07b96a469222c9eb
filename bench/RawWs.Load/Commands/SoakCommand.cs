using System.CommandLine;

namespace RawWs.Load;

/// <summary>The command line of <see cref="Soak"/>.</summary>
internal static class SoakCommand
{
    public static Command Create()
    {
        var server = new ServerOptions();
        var minutes = OptionValues.Duration("--minutes", 5, "How long, after a warm-up round.");
        var burst = OptionValues.Count("--burst", 2_000, "How many connections a burst opens at once.");
        var command = new Command("soak", "Misbehaves in every way at once, for minutes, and checks that those who behave miss nothing and that the server gives everything back.")
        {
            minutes, burst,
        };
        server.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var target = await server.GetAsync(result, cancellationToken);
            return await new Soak(target, result.GetValue(burst)).RunAsync(TimeSpan.FromMinutes(result.GetValue(minutes)), cancellationToken);
        });
        return command;
    }
}
