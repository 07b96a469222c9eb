using System.CommandLine;

namespace RawWs.Host;

/// <summary>The command line of <see cref="DevCertificate"/>.</summary>
internal static class DevCertificateCommand
{
    public static Command Create()
    {
        var folder = new Option<string>("--out") { Description = "The folder that the files are written to, this one by default.", HelpName = "DIR", DefaultValueFactory = _ => "." };
        folder.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: "" }])
                result.AddError("--out takes a folder; '' is none.");
        });
        var command = new Command("dev-cert", "Makes a self-signed certificate for localhost, and its key.") { folder };
        command.SetAction((result, _) => DevCertificate.RunAsync(result.GetRequiredValue(folder), Console.Out, Console.Error));
        return command;
    }
}
