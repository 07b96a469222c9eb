using System.CommandLine;

namespace RawWs.Load;

/// <summary>Which core the server runs on, and which this program.</summary>
internal sealed class CoreOptions
{
    private readonly Option<int?> _server = Core("--server-core", "The only core that servers run on which are started here, from 0; any without.");
    private readonly Option<int?> _client = Core("--client-core", "The only core that this program runs on, from 0; any without.");

    public void AddTo(Command command)
    {
        command.Add(_server);
        command.Add(_client);
    }

    public int? ServerCoreOf(ParseResult result) => result.GetValue(_server);

    /// <summary>Pins this program, and says so if that is not possible.</summary>
    public async Task ApplyAsync(ParseResult result, CancellationToken cancellationToken)
    {
        if (!CorePinning.IsAvailable && (result.GetValue(_server) ?? result.GetValue(_client)) is not null)
            Console.WriteLine("There is no taskset here (util-linux): nothing is kept to a core.");

        await CorePinning.PinThisProcessAsync(result.GetValue(_client), cancellationToken);
    }

    private static Option<int?> Core(string name, string description)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "CORE" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, out var core) || core < 0 || core >= Environment.ProcessorCount))
                result.AddError($"{name} takes a number from 0 to {Environment.ProcessorCount - 1}; '{token.Value}' is none.");
        });
        return option;
    }
}
